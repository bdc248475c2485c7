package merchant

import (
	"context"
	"net/mail"
	"net/url"
	"regexp"
	"strings"
	"time"

	"golang.org/x/text/currency"

	"cartwright/internal/clock"
	"cartwright/internal/fault"
	"cartwright/internal/id"
	"cartwright/internal/money"
)

// Storage keeps stores, tokens and clients.
type Storage interface {
	// CreateStore stores a new store. It returns a Conflict fault when the hash
	// is taken, and an Invalid one when the host of a site is.
	CreateStore(ctx context.Context, s *Store) error
	// FindStore returns a store, or nil. The store must not be changed.
	FindStore(ctx context.Context, hash string) (*Store, error)
	// UpdateStore loads a store, calls change with a copy and writes it back if
	// nobody else did in between; otherwise it begins again. It returns a
	// NotFound fault when there is no such store.
	UpdateStore(ctx context.Context, hash string, change func(*Store) error) (*Store, error)
	// AddToken stores a token, with the client that owns it when that is new. A
	// client that exists stays as it is, and made is false.
	AddToken(ctx context.Context, t Token, c Client) (made bool, err error)
	// ListTokens returns the tokens of a store, oldest first.
	ListTokens(ctx context.Context, store string) ([]Token, error)
	// DeleteToken forgets a token, on every server within two seconds. Its client
	// and what that owns stay. One that is not there is no error.
	DeleteToken(ctx context.Context, store, hash string) error
	// PutUser makes a user and a membership. For a user that exists it sets the
	// password and adds the membership, and added is false.
	PutUser(ctx context.Context, store string, u User) (added bool, err error)
}

// Service is what the surfaces and the command line call.
type Service struct {
	storage Storage
	clock   clock.Clock
}

// NewService returns a service on this storage.
func NewService(storage Storage, c clock.Clock) *Service { return &Service{storage, c} }

// Setup describes a store to create.
type Setup struct {
	Hash      string
	Name      string
	Currency  string // "" means USD
	URL       string // the default channel's site; "" means under this server's address
	EmailFrom string
}

var hashPattern = regexp.MustCompile(`^[a-z0-9]{1,32}$`)

// ValidHash reports whether a store can have this hash. What comes in a path
// is asked for here first: not every text can be looked up in a database.
func ValidHash(hash string) bool { return hashPattern.MatchString(hash) }

// CreateStore makes a store with its default channel and currency.
func (s *Service) CreateStore(ctx context.Context, in Setup) (*Store, error) {
	if !ValidHash(in.Hash) {
		return nil, fault.Newf(fault.Invalid, "The store hash %q must be 1 to 32 lower-case letters and digits, for example: mystore", in.Hash)
	}
	if strings.TrimSpace(in.Name) == "" {
		return nil, fault.New(fault.Invalid, "The store needs a name.")
	}
	if a, err := mail.ParseAddress(in.EmailFrom); in.EmailFrom != "" && (err != nil || a.Address != in.EmailFrom) {
		return nil, fault.Newf(fault.Invalid, "The sender %q is not an e-mail address, for example: hello@shop.example", in.EmailFrom)
	}
	if in.Currency == "" {
		in.Currency = "USD"
	}
	code := strings.ToUpper(in.Currency)
	cur, err := NewCurrency(code)
	if err != nil {
		return nil, err
	}
	now := s.clock.Now()
	cur.ID, cur.Default, cur.LastUpdated = 1, true, now
	st := &Store{
		Hash: in.Hash, Name: in.Name, EmailFrom: in.EmailFrom, Created: now, Revision: 1,
		Currencies:   []Currency{cur},
		CartSettings: CartSettings{AllowPurchasing: true},
		Channels: []Channel{{
			ID: DefaultChannel, Name: in.Name, Type: "storefront", Platform: "bigcommerce", Status: "active",
			ListableInUI: true, Visible: true, Created: now, Modified: now,
		}},
		LastIDs: map[string]int64{"channel": 1, "currency": 1},
	}
	if in.URL != "" {
		address, err := CleanURL(in.URL)
		if err != nil {
			return nil, err
		}
		st.Sites = []Site{{ID: st.NextID("site"), ChannelID: DefaultChannel, URL: address, Created: now, Modified: now}}
	}
	return st, s.storage.CreateStore(ctx, st)
}

// NewCurrency returns a currency with the decimal places that ISO 4217 gives
// it and the formatting of the vendor's default.
func NewCurrency(code string) (Currency, error) {
	unit, err := currency.ParseISO(code)
	if err != nil {
		return Currency{}, fault.Newf(fault.Invalid, "The currency %q is not an ISO 4217 code, for example: USD", code)
	}
	places, _ := currency.Standard.Rounding(unit)
	return Currency{
		Code: code, Name: code, Rate: money.RateOne, Enabled: true, Transactional: true,
		TokenLocation: "left", Token: Symbol(code), DecimalToken: ".", ThousandsToken: ",", DecimalPlaces: places,
	}, nil
}

// Symbol returns the usual short sign of a currency, or its code and a space.
func Symbol(code string) string {
	switch code {
	case "USD", "AUD", "CAD", "NZD", "MXN":
		return "$"
	case "EUR":
		return "€"
	case "GBP":
		return "£"
	case "JPY", "CNY":
		return "¥"
	}
	return code + " "
}

// CleanURL checks the address of a site and returns its origin and path
// without a slash at the end, and without the scheme's usual port: browsers
// leave it out too.
func CleanURL(raw string) (string, error) {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.User != nil || len(raw) > 2048 ||
		strings.ContainsAny(raw, "?#") || !hostPattern.MatchString(u.Host) {
		return "", fault.Newf(fault.Invalid, "The address %q must look like https://shop.example", raw)
	}
	u.Host = strings.TrimSuffix(strings.ToLower(u.Host), usualPorts[u.Scheme])
	return strings.TrimRight(u.String(), "/"), nil
}

var usualPorts = map[string]string{"https": ":443", "http": ":80"}

// hostPattern is a host name in ASCII, or an IP address, with a port or none.
// The name of a site goes into links and is compared with what browsers send,
// so it must be written as they write it.
var hostPattern = regexp.MustCompile(`^([A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$`)

// Find returns a store, or nil.
func (s *Service) Find(ctx context.Context, hash string) (*Store, error) {
	return s.storage.FindStore(ctx, hash)
}

// Now is the present to the millisecond, the precision that stores keep.
func (s *Service) Now() time.Time { return s.clock.Now().Truncate(time.Millisecond) }

// Update changes a store. change gets a copy that is its own, and may be
// called again.
func (s *Service) Update(ctx context.Context, hash string, change func(*Store) error) (*Store, error) {
	return s.storage.UpdateStore(ctx, hash, change)
}

// Grant describes a token to make.
type Grant struct {
	Store    string
	Scopes   []string
	Name     string
	ClientID string // "" means a client of its own
}

// CreateToken makes a token and returns it with its client, whose Secret is ""
// when the client existed before. Only the token's hash is stored, so this is
// the only time it can be seen.
func (s *Service) CreateToken(ctx context.Context, g Grant) (token string, c Client, err error) {
	token = id.Hex(20)
	c, err = s.AddToken(ctx, g, token)
	return token, c, err
}

// AddToken stores a token that is known already: the demo's.
func (s *Service) AddToken(ctx context.Context, g Grant, token string) (Client, error) {
	if err := checkScopes(g.Scopes); err != nil {
		return Client{}, err
	}
	if err := s.MustExist(ctx, g.Store); err != nil {
		return Client{}, err
	}
	now := s.clock.Now()
	c := Client{Store: g.Store, ID: g.ClientID, Name: g.Name, Created: now}
	if c.ID == "" {
		c.ID = id.Hex(16)
	}
	c.Secret = id.Hex(32)
	t := Token{Store: g.Store, Hash: id.Hash(token), ClientID: c.ID, Name: g.Name, Scopes: g.Scopes, Created: now}
	made, err := s.storage.AddToken(ctx, t, c)
	if !made {
		c.Secret = "" // it was not stored, so it signs nothing
	}
	return c, err
}

// Tokens returns the tokens of a store, oldest first.
func (s *Service) Tokens(ctx context.Context, store string) ([]Token, error) {
	return s.storage.ListTokens(ctx, store)
}

// RevokeToken forgets a token. Its id says which, or the token itself, for whoever
// found it where it should not be. It returns what was forgotten, or a NotFound
// fault.
func (s *Service) RevokeToken(ctx context.Context, store, which string) (*Token, error) {
	all, err := s.storage.ListTokens(ctx, store)
	if err != nil {
		return nil, err
	}
	hash := id.Hash(which)
	for i := range all {
		if t := &all[i]; t.ID() == which || t.Hash == hash {
			return t, s.storage.DeleteToken(ctx, store, t.Hash)
		}
	}
	return nil, fault.Newf(fault.NotFound, "The store %q has no such token.", store)
}

func checkScopes(scopes []string) error {
	if len(scopes) == 0 {
		return fault.New(fault.Invalid, "The token needs scopes, for example: --scopes store_cart,store_v2_products or --scopes all")
	}
	for _, scope := range scopes {
		known := scope == ScopeAll
		for _, s := range Scopes {
			known = known || s == scope
		}
		if !known {
			return fault.Newf(fault.Invalid, "The scope %q is not known. Known are: all, %s", scope, strings.Join(Scopes, ", "))
		}
	}
	return nil
}

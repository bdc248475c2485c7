package recovery

import "context"

// OptionStorage keeps the settings that the vendor does not have.
type OptionStorage interface {
	// RecoveryOptions returns a store's options, or nil while it set none.
	RecoveryOptions(ctx context.Context, store string) (*Options, error)
	// PutRecoveryOptions replaces them and returns them. When the waiting time
	// becomes shorter, carts that wait already are brought forward by the next
	// scan.
	PutRecoveryOptions(ctx context.Context, store string, o Options) (Options, error)
}

// Options returns the options of a store: those of every new store while it
// set none.
func (s *Service) Options(ctx context.Context, store string) (Options, error) {
	own, err := s.storage.RecoveryOptions(ctx, store)
	if err != nil {
		return Options{}, err
	}
	if own == nil {
		return DefaultOptions(), nil
	}
	return *own, nil
}

// SetOptions replaces the options of a store. The caller has checked them.
func (s *Service) SetOptions(ctx context.Context, store string, in Options) (Options, error) {
	return s.storage.PutRecoveryOptions(ctx, store, in)
}

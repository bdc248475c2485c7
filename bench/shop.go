package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// shop is cartwright as a user would run it: the release binary in a process
// of its own, reached through the command line and HTTP only.
type shop struct {
	binary   string
	where    []string // the flag that names the database
	token    string
	server   *process
	products []int64
}

const (
	shopPackage = "./cmd/cartwright"
	shopStore   = "bench"
	shopPath    = "/stores/" + shopStore + "/v3"
	// cartMarker is in every right answer that holds a cart, near its front.
	cartMarker = `"data":{"id":"`
)

// buildBinary makes the binary whose size and speed are measured.
func buildBinary(ctx context.Context, dir string) (string, error) {
	binary := filepath.Join(dir, "cartwright")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, shopPackage)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s (run bench at the root of the repository, or name one with --binary): %w\n%s",
			shopPackage, err, bytes.TrimSpace(out))
	}
	return binary, nil
}

// openShop makes a store with n products and starts the server on it.
func openShop(ctx context.Context, binary string, where []string, n int) (*shop, error) {
	s := &shop{binary: binary, where: where}
	if _, err := s.admin(ctx, "store", "create", shopStore, "--name", "Bench"); err != nil {
		return nil, err
	}
	token, err := s.admin(ctx, "token", "create", "--store", shopStore, "--scopes", "all")
	if err != nil {
		return nil, err
	}
	s.token = token
	if err := s.start(ctx); err != nil {
		return nil, err
	}
	if err := s.stock(n); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

// admin runs one of the administration commands and returns what it prints.
func (s *shop) admin(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, s.binary, append(args, s.where...)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("cartwright %s: %w: %s", strings.Join(args, " "), err, bytes.TrimSpace(stderr.Bytes()))
	}
	return strings.TrimSpace(stdout.String()), nil
}

// start serves the data there is; s.server.first then tells how long that took.
func (s *shop) start(ctx context.Context) error {
	addr, err := freeAddr()
	if err != nil {
		return err
	}
	server, err := startProcess(ctx, addr, s.binary, append([]string{"serve", "--listen", addr}, s.where...)...)
	if err != nil {
		return err
	}
	s.server = server
	return nil
}

func (s *shop) stop() error { return s.server.stop() }

// ask makes one call on a connection of its own: one that is kept for later is
// closed by the server while others are measured.
func ask(c call) (answer, error) {
	cl, err := dial(c.addr)
	if err != nil {
		return answer{}, err
	}
	defer cl.close()
	return c.once(cl)
}

func (s *shop) call(method, path, body string, status int, marker string) call {
	return newCall(method, s.server.addr, shopPath+path, s.token, body, status, marker)
}

// stock fills the catalog up to n products.
func (s *shop) stock(n int) error {
	for i := len(s.products); i < n; i++ {
		body := fmt.Sprintf(`{"name":"Bench product %d","type":"physical","price":%d.95,"weight":1}`, i+1, 10+i)
		a, err := ask(s.call("POST", "/catalog/products", body, http.StatusOK, `"data":{`))
		if err != nil {
			return err
		}
		var created struct {
			Data struct {
				ID int64 `json:"id"`
			} `json:"data"`
		}
		if err := json.Unmarshal(a.body, &created); err != nil {
			return fmt.Errorf("decode product: %w", err)
		}
		s.products = append(s.products, created.Data.ID)
	}
	return nil
}

// items is the body that asks for one of each of the first n products.
func (s *shop) items(n int) string {
	lines := make([]string, n)
	for i := range lines {
		lines[i] = fmt.Sprintf(`{"product_id":%d,"quantity":1}`, s.products[i])
	}
	return `{"line_items":[` + strings.Join(lines, ",") + `]}`
}

func (s *shop) createCall(lines int) call {
	return s.call("POST", "/carts", s.items(lines), http.StatusCreated, cartMarker)
}

// addCall adds a product that the cart already holds: quantities grow, the
// cart's size does not, and the last round meets the cart of the first.
func (s *shop) addCall(id string) call {
	return s.call("POST", "/carts/"+id+"/items", s.items(1), http.StatusCreated, cartMarker+id)
}

func (s *shop) getCall(id string) call {
	return s.call("GET", "/carts/"+id, "", http.StatusOK, cartMarker+id)
}

// newCart returns the id of a new cart of that many lines.
func (s *shop) newCart(lines int) (string, error) {
	a, err := ask(s.createCall(lines))
	if err != nil {
		return "", err
	}
	var created struct {
		Data struct {
			ID string `json:"id"`
		} `json:"data"`
	}
	if err := json.Unmarshal(a.body, &created); err != nil {
		return "", fmt.Errorf("decode cart: %w", err)
	}
	// Everything that is measured rests on carts that keep their size.
	if a, err = ask(s.addCall(created.Data.ID)); err != nil {
		return "", err
	}
	if got := bytes.Count(a.body, []byte(`"product_id":`)); got != lines {
		return "", fmt.Errorf("a cart of %d lines has %d after adding a product it holds", lines, got)
	}
	return created.Data.ID, nil
}

func (s *shop) newCarts(n, lines int) ([]string, error) {
	ids := make([]string, n)
	for i := range ids {
		var err error
		if ids[i], err = s.newCart(lines); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// answerBytes returns a cart as cartwright answers it: what the reference
// server will answer, and store.
func (s *shop) answerBytes(id string) ([]byte, error) {
	a, err := ask(s.getCall(id))
	return bytes.Clone(a.body), err
}

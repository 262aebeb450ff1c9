package member

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/alexedwards/argon2id"

	"github.com/multaqa/multaqa/pkg/fault"
)

// Limits of a password, in bytes.
const (
	minPassword = 12
	maxPassword = 256
)

// OWASP's second recommendation for argon2id: 19 MiB, two passes, one lane.
var hashing atomic.Pointer[argon2id.Params]

func init() {
	hashing.Store(&argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32})
}

// FastHashingForTests makes hashing cheap for the whole process. Call it from
// TestMain, before any [Service] is made; never in the server.
func FastHashingForTests() {
	hashing.Store(&argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
}

// HashPassword hashes a password in the PHC format. It does not check the
// password's length and does not wait at a gate: it is for seeding.
func HashPassword(password string) (string, error) {
	return argon2id.CreateHash(password, hashing.Load())
}

func checkPassword(f *fields, field, password string) {
	switch {
	case password == "":
		f.add(field, "required")
	case len(password) < minPassword:
		f.add(field, "too_short")
	case len(password) > maxPassword:
		f.add(field, "too_long")
	}
}

// gate bounds how many hashes are worked out at once, and how many wait: each
// takes 19 MiB and tens of milliseconds.
type gate struct {
	slots   chan struct{}
	waiting atomic.Int64
	limit   int64
	dummy   func() string
}

func newGate() *gate {
	n := max(1, runtime.GOMAXPROCS(0))
	return &gate{
		slots: make(chan struct{}, n),
		limit: 64,
		dummy: sync.OnceValue(func() string {
			h, err := HashPassword("no password has this value")
			if err != nil {
				panic(err) // the system's random source failed
			}
			return h
		}),
	}
}

func (g *gate) enter(ctx context.Context) (leave func(), err error) {
	if g.waiting.Add(1) > g.limit {
		g.waiting.Add(-1)
		return nil, fault.New(fault.Unavailable, "session.busy")
	}
	defer g.waiting.Add(-1)
	select {
	case g.slots <- struct{}{}:
		return func() { <-g.slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (g *gate) hash(ctx context.Context, password string) (string, error) {
	leave, err := g.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	return HashPassword(password)
}

// verify compares in time that does not depend on whether a hash exists: an
// empty one is replaced by the hash of nothing.
func (g *gate) verify(ctx context.Context, password, hash string) (bool, error) {
	known := hash != ""
	if !known {
		hash = g.dummy()
	}
	leave, err := g.enter(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	ok, err := argon2id.ComparePasswordAndHash(password, hash)
	if err != nil {
		return false, err
	}
	return ok && known, nil
}

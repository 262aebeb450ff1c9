package member

import (
	"fmt"
	"testing"

	"github.com/alexedwards/argon2id"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/db/dbtest"
	"github.com/multaqa/multaqa/pkg/fault"
)

// BenchmarkRefusedSignIn shows that an unknown e-mail costs what a wrong
// password costs, with the real hashing parameters.
func BenchmarkRefusedSignIn(b *testing.B) {
	fast := hashing.Load()
	hashing.Store(&argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	defer hashing.Store(fast)
	s := New(dbtest.Open(b), nil)
	hash, err := HashPassword(pass)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := s.CreatePerson(b.Context(), hub, NewPerson{Name: Text{Ar: "س"}, Email: "known@b.example", PasswordHash: hash}); err != nil {
		b.Fatal(err)
	}
	for _, email := range []string{"known@b.example", "unknown@b.example", "no address"} {
		b.Run(email, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				// The wait is not what is measured.
				if err := s.db.Transact(b.Context(), func(tx *db.Tx) error {
					_, err := tx.Exec(b.Context(), `delete from signin_attempt`)
					return err
				}); err != nil {
					b.Fatal(err)
				}
				_, err := s.Open(b.Context(), SignIn{Email: email, Password: "guess number one", Source: fmt.Sprint(i)})
				if !fault.Is(err, "session.invalid_credentials") {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkAuthenticate is the cost of the session cookie of a request: from
// the cache, and from the database.
func BenchmarkAuthenticate(b *testing.B) {
	s := New(dbtest.Open(b), nil)
	hash, err := HashPassword(pass)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := s.CreatePerson(b.Context(), hub, NewPerson{Name: Text{Ar: "س"}, Email: "a@b.example", PasswordHash: hash}); err != nil {
		b.Fatal(err)
	}
	o, err := s.Open(b.Context(), SignIn{Email: "a@b.example", Password: pass})
	if err != nil {
		b.Fatal(err)
	}
	for name, before := range map[string]func(){"cached": func() {}, "read": s.forget} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				before()
				if _, _, err := s.Authenticate(b.Context(), o.Token); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

package member

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Bus carries hints to the other nodes; see package bus.
type Bus interface {
	Publish(topic string, n int64)
	Subscribe(prefix string, fn func(topic string, n int64)) (cancel func())
}

// Bus topics of this package.
const (
	topicSession = "session/" // + session id: it was revoked
	topicRights  = "rights/"  // + person id: what the person may do changed
)

// Service is the use cases of members and sign-in. Make it with [New]; it is
// safe for concurrent use.
type Service struct {
	db   *db.DB
	bus  Bus
	gate *gate
	slow *slow

	mu        sync.Mutex
	cache     map[string]cached // by token hash and by "id:" + session id
	cacheGen  int               // rows read before a change are not kept after it
	onRevoked []func(session string)
	onRights  []func(person string)
	onAgency  []func(ctx context.Context, tx *db.Tx, actor policy.Actor, a Agency) error
	onNetwork []func(ctx context.Context, tx *db.Tx, actor policy.Actor, n Network) error
	clock     func() time.Time // of the cache only
	cancelBus func()
}

// New returns a service on the database. bus may be nil: then other nodes
// learn of a revocation when their cache ends, within [AuthCacheTTL].
func New(d *db.DB, bus Bus) *Service {
	s := &Service{db: d, bus: bus, gate: newGate(), slow: &slow{db: d}, cache: map[string]cached{}, clock: time.Now}
	s.gate.dummy() // else the first unknown e-mail would cost twice the work
	if bus != nil {
		stop1 := bus.Subscribe(topicSession, func(topic string, _ int64) {
			s.forget()
			s.callRevoked(strings.TrimPrefix(topic, topicSession))
		})
		stop2 := bus.Subscribe(topicRights, func(topic string, _ int64) {
			s.forget()
			s.callRights(strings.TrimPrefix(topic, topicRights))
		})
		s.cancelBus = func() { stop1(); stop2() }
	}
	return s
}

// Close stops listening to the bus.
func (s *Service) Close() {
	if s.cancelBus != nil {
		s.cancelBus()
	}
}

// OnRevoked registers fn for sessions that ended, on any node. fn may be
// called more than once for one session, after the commit, and must be quick.
func (s *Service) OnRevoked(fn func(session string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onRevoked = append(s.onRevoked, fn)
}

// OnRightsChanged registers fn for persons whose rights changed: their open
// connections must ask again. The same terms as OnRevoked.
func (s *Service) OnRightsChanged(fn func(person string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onRights = append(s.onRights, fn)
}

// OnAgencyCreated registers fn to run in the transaction that creates an
// agency. Register before the service is used.
func (s *Service) OnAgencyCreated(fn func(ctx context.Context, tx *db.Tx, actor policy.Actor, a Agency) error) {
	s.onAgency = append(s.onAgency, fn)
}

// OnNetworkCreated registers fn to run in the transaction that sets up the
// network, before its first agency. Register before the service is used.
func (s *Service) OnNetworkCreated(fn func(ctx context.Context, tx *db.Tx, actor policy.Actor, n Network) error) {
	s.onNetwork = append(s.onNetwork, fn)
}

func (s *Service) callRevoked(session string) {
	s.mu.Lock()
	fns := s.onRevoked
	s.mu.Unlock()
	for _, fn := range fns {
		fn(session)
	}
}

func (s *Service) callRights(person string) {
	s.mu.Lock()
	fns := s.onRights
	s.mu.Unlock()
	for _, fn := range fns {
		fn(person)
	}
}

// announceRevoked tells this node and the others, once tx has committed.
func (s *Service) announceRevoked(tx *db.Tx, sessions ...string) {
	tx.AfterCommit(func() {
		s.forget()
		for _, id := range sessions {
			s.callRevoked(id)
			if s.bus != nil {
				s.bus.Publish(topicSession+id, 0)
			}
		}
	})
}

// announceRights is announceRevoked for persons whose rights changed.
func (s *Service) announceRights(tx *db.Tx, persons ...string) {
	tx.AfterCommit(func() {
		s.forget()
		for _, p := range persons {
			s.callRights(p)
			if s.bus != nil {
				s.bus.Publish(topicRights+p, 0)
			}
		}
	})
}

func (s *Service) append(ctx context.Context, tx *db.Tx, actor policy.Actor, evs ...event.Event) error {
	var errs []error
	for _, ev := range evs {
		errs = append(errs, event.Append(ctx, tx, actor, ev))
	}
	return errors.Join(errs...)
}

// secret returns 256 random bits for a link or a cookie.
func secret() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

// digest is what is kept of a secret. It is high-entropy, so a plain hash serves.
func digest(token string) string {
	h := sha256.Sum256([]byte(token))
	return hex.EncodeToString(h[:])
}

package member

import (
	"context"
	"database/sql"
	"errors"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Network is the hub's own row; it exists once the hub is set up.
type Network struct {
	Name      locale.Text
	CreatedAt db.Time
}

// Network reads the network; ok is false while the hub waits for its set-up.
func (s *Service) Network(ctx context.Context) (n Network, ok bool, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		n, ok, err = findNetwork(ctx, tx)
		return err
	})
	return n, ok, err
}

func findNetwork(ctx context.Context, tx *db.Tx) (n Network, ok bool, err error) {
	err = tx.QueryRow(ctx, `select name_ar, name_en, created_at from network where id = 'network'`).Scan(&n.Name.Ar, &n.Name.En, &n.CreatedAt)
	if errors.Is(err, sql.ErrNoRows) {
		return n, false, nil
	}
	return n, err == nil, wrap("find network", err)
}

// CreateNetwork names the network without the set-up page: for seeding. Only
// the hub itself may.
//
// Faults: policy.forbidden, member.invalid_fields, setup.done.
func (s *Service) CreateNetwork(ctx context.Context, actor policy.Actor, name locale.Text) (Network, error) {
	var n Network
	err := s.db.Transact(ctx, func(tx *db.Tx) (err error) {
		if !actor.System {
			return fault.New(fault.Forbidden, "policy.forbidden")
		}
		var f fields
		name = f.text("network_name", name, maxName)
		if err := f.fault(); err != nil {
			return err
		}
		if n, err = s.networkIn(ctx, tx, actor, name); err != nil {
			return err
		}
		return s.append(ctx, tx, actor, NetworkSetUp{})
	})
	return n, err
}

func (s *Service) networkIn(ctx context.Context, tx *db.Tx, actor policy.Actor, name locale.Text) (Network, error) {
	n := Network{Name: name, CreatedAt: tx.Now()}
	_, err := tx.Exec(ctx, `insert into network (id, name_ar, name_en, created_at) values ('network', $1, $2, $3)`,
		name.Ar, name.En, int64(n.CreatedAt))
	if db.IsUnique(err) {
		return n, fault.New(fault.Conflict, "setup.done")
	}
	if err != nil {
		return n, wrap("insert network", err)
	}
	if _, err := tx.Exec(ctx, `delete from setup_token`); err != nil {
		return n, wrap("drop set-up tokens", err)
	}
	for _, fn := range s.onNetwork {
		if err := fn(ctx, tx, actor, n); err != nil {
			return n, err
		}
	}
	return n, nil
}

// IssueSetupToken makes a token for the set-up page, to be shown on the
// console; needed is false, and the token empty, once the hub is set up. Each
// node issues its own; the first that is used ends all. It lives an hour.
func (s *Service) IssueSetupToken(ctx context.Context) (token string, expires db.Time, needed bool, err error) {
	token = secret()
	err = s.db.Transact(ctx, func(tx *db.Tx) error {
		_, done, err := findNetwork(ctx, tx)
		if err != nil || done {
			return err
		}
		needed, expires = true, tx.Now().Add(setupLife)
		if _, err := tx.Exec(ctx, `delete from setup_token where expires_at <= $1`, int64(tx.Now())); err != nil {
			return wrap("drop set-up tokens", err)
		}
		_, err = tx.Exec(ctx, `insert into setup_token (token_hash, expires_at) values ($1, $2)`, digest(token), int64(expires))
		return wrap("insert set-up token", err)
	})
	if err != nil || !needed {
		return "", 0, false, err
	}
	return token, expires, needed, nil
}

// SetUp is what the first-run page asks: the network, the secretariat's
// agency and its first administrator.
type SetUp struct {
	Token       string
	NetworkName locale.Text
	AgencyName  locale.Text
	Name        locale.Text
	Email       string
	Password    string
}

// SetUp begins the hub with its secretariat and signs its first administrator
// in. It happens once; the token dies with it.
//
// Faults: setup.done, setup.invalid_token, member.invalid_fields,
// session.slow_down, session.busy.
func (s *Service) SetUp(ctx context.Context, in SetUp, sign SignIn) (Opened, error) {
	if err := s.slow.take(ctx, spent{"setup " + sign.Source: perSource}); err != nil {
		return Opened{}, err
	}
	check := func(tx *db.Tx) error {
		_, done, err := findNetwork(ctx, tx)
		if err != nil {
			return err
		}
		if done {
			return fault.New(fault.Conflict, "setup.done")
		}
		var n int
		err = tx.QueryRow(ctx, `select count(*) from setup_token where token_hash = $1 and expires_at > $2`,
			digest(in.Token), int64(tx.Now())).Scan(&n)
		if err != nil {
			return wrap("find set-up token", err)
		}
		if n == 0 {
			return fault.New(fault.Forbidden, "setup.invalid_token").WithField("token", "wrong")
		}
		return nil
	}
	if err := s.db.Read(ctx, check); err != nil { // before the costly hash
		return Opened{}, err
	}
	var f fields
	in.NetworkName = f.text("network_name", in.NetworkName, maxName)
	in.AgencyName = f.text("agency_name", in.AgencyName, maxName)
	in.Name = f.text("name", in.Name, maxName)
	if _, ok := emailKey(in.Email); !ok {
		f.add("email", "format")
	}
	checkPassword(&f, "password", in.Password)
	if err := f.fault(); err != nil {
		return Opened{}, err
	}
	hash, err := s.gate.hash(ctx, in.Password)
	if err != nil {
		return Opened{}, err
	}
	var o Opened
	err = s.db.Transact(ctx, func(tx *db.Tx) error {
		if err := check(tx); err != nil {
			return err
		}
		hub := policy.SystemActor()
		if _, err := s.networkIn(ctx, tx, hub, in.NetworkName); err != nil {
			return err
		}
		a, err := s.CreateAgencyIn(ctx, tx, hub, NewAgency{Code: "SEC", Kind: KindSecretariat, Sector: "governance", Name: in.AgencyName})
		if err != nil {
			return err
		}
		p, err := s.personIn(ctx, tx, policy.Actor{}, NewPerson{Name: in.Name, Email: in.Email, PasswordHash: hash, Prefs: Prefs{Locale: sign.Locale}})
		if err != nil {
			return err
		}
		if _, err := s.seatIn(ctx, tx, hub, NewSeat{Agency: a.ID, Person: p.ID, Kind: PrincipalSeat}); err != nil {
			return err
		}
		if err := s.grantIn(ctx, tx, hub, p.ID, policy.SecretariatAdmin); err != nil {
			return err
		}
		if o, err = s.signInNew(ctx, tx, p.ID, sign); err != nil {
			return err
		}
		return s.append(ctx, tx, o.Actor, NetworkSetUp{Agency: a.ID, Person: p.ID}, SessionOpened{Session: o.Session.ID, Person: p.ID})
	})
	return o, err
}

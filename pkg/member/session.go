package member

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/id"
	"github.com/multaqa/multaqa/pkg/policy"
)

// SignIn is one attempt. Source is the caller's address; Device the device
// cookie, Previous the session cookie the browser sent, each possibly empty.
type SignIn struct {
	Email, Password   string
	UserAgent, Source string
	Device, Previous  string
	Locale            string // that the browser shows; a new account begins with it, "" is Arabic
}

// maxDevices is how many known devices are kept of a person.
const maxDevices = 10

// Open signs a person in and ends the session the browser had before. Wrong
// password, unknown e-mail and suspended person are one answer after the same
// work.
//
// Faults: session.invalid_credentials, session.slow_down (with retry_after in
// seconds), session.busy.
func (s *Service) Open(ctx context.Context, in SignIn) (Opened, error) {
	refused := fault.New(fault.Unauthenticated, "session.invalid_credentials")
	key, ok := emailKey(strings.TrimSpace(in.Email))
	if !ok || len(in.Password) > maxPassword {
		key = "" // nobody: the same path from here
	}
	var p personRow
	known := false
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		if p, err = findPersonByEmail(ctx, tx, key); err != nil {
			return err
		}
		var n int
		err = tx.QueryRow(ctx, `select count(*) from known_device where person = $1 and token_hash = $2`,
			p.ID, digest(in.Device)).Scan(&n)
		known = n > 0
		return wrap("find device", err)
	})
	if err != nil {
		return Opened{}, err
	}
	// A device that was here before is not slowed by what others try.
	keys := spent{"device " + in.Device: perDevice}
	if !known {
		keys = spent{"account " + key: perAccount, "source " + in.Source: perSource}
	}
	if err := s.slow.take(ctx, keys); err != nil {
		return Opened{}, err
	}
	password := in.Password
	if len(password) > maxPassword {
		password = ""
	}
	right, err := s.gate.verify(ctx, password, p.hash)
	if err != nil {
		return Opened{}, err
	}
	if !right || p.Status != Active {
		return Opened{}, refused
	}
	var o Opened
	err = s.db.Transact(ctx, func(tx *db.Tx) error {
		if err := s.slow.giveBack(ctx, tx, keys); err != nil {
			return err
		}
		now, err := findPerson(ctx, tx, p.ID, true)
		if err != nil {
			return err
		}
		if now.Status != Active || now.hash != p.hash {
			return refused // suspended, or the password changed, meanwhile
		}
		if in.Previous != "" {
			if err := s.revokeTokenIn(ctx, tx, in.Previous); err != nil {
				return err
			}
		}
		if o, err = s.openIn(ctx, tx, p.ID, in.UserAgent); err != nil {
			return err
		}
		o.Device = in.Device
		if !known {
			o.Device = secret()
		}
		if err := rememberDevice(ctx, tx, p.ID, o.Device); err != nil {
			return err
		}
		return s.append(ctx, tx, o.Actor, SessionOpened{Session: o.Session.ID, Person: p.ID})
	})
	return o, err
}

// openIn writes a fresh session; the password was shown just now.
func (s *Service) openIn(ctx context.Context, tx *db.Tx, person, userAgent string) (Opened, error) {
	now := tx.Now()
	o := Opened{Token: secret(), Session: Session{ID: id.New("se"), Person: person, UserAgent: cleanAgent(userAgent),
		CreatedAt: now, LastSeenAt: now, ExpiresAt: now.Add(sessionMax), PasswordAt: now}}
	_, err := tx.Exec(ctx, `
		insert into session (id, person, token_hash, user_agent, created_at, last_seen_at, expires_at,
		                     password_at, second_factor_at, step_up_at, revoked_at, revoked_reason)
		values ($1, $2, $3, $4, $5, $5, $6, $5, 0, 0, 0, '')`,
		o.Session.ID, person, digest(o.Token), o.Session.UserAgent, int64(now), int64(o.Session.ExpiresAt))
	if err != nil {
		return o, wrap("insert session", err)
	}
	c, err := standingOf(ctx, tx, `x.id = $1`, o.Session.ID)
	if err != nil {
		return o, err
	}
	o.Actor = c.actor
	return o, nil
}

func rememberDevice(ctx context.Context, tx *db.Tx, person, device string) error {
	_, err := tx.Exec(ctx, `
		insert into known_device (person, token_hash, used_at) values ($1, $2, $3)
		on conflict (person, token_hash) do update set used_at = excluded.used_at`, person, digest(device), int64(tx.Now()))
	if err != nil {
		return wrap("remember device", err)
	}
	_, err = tx.Exec(ctx, `
		delete from known_device
		 where person = $1 and token_hash not in (
		       select token_hash from known_device where person = $1 order by used_at desc, token_hash limit $2)`, person, maxDevices)
	return wrap("forget devices", err)
}

// cleanAgent keeps what can be shown and logged of a browser's name.
func cleanAgent(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)
	if runes := []rune(s); len(runes) > 200 {
		s = string(runes[:200])
	}
	return s
}

// Authenticate turns a session cookie into an actor. The answer may be up to
// [AuthCacheTTL] old on this node. It marks the session as used, to the minute.
//
// Faults: session.ended.
func (s *Service) Authenticate(ctx context.Context, token string) (policy.Actor, SessionInfo, error) {
	if len(token) < 20 || len(token) > 100 {
		return policy.Actor{}, SessionInfo{}, fault.New(fault.Unauthenticated, "session.ended")
	}
	hash := digest(token)
	return s.lookUp(ctx, hash, `x.token_hash = $1`, hash, true)
}

// ActorOf is Authenticate by session id, for connections that outlive a
// request and ask again before they act. It does not mark the session as
// used: see Touch.
//
// Faults: session.ended.
func (s *Service) ActorOf(ctx context.Context, session string) (policy.Actor, SessionInfo, error) {
	return s.lookUp(ctx, "id:"+session, `x.id = $1`, session, false)
}

// StandingIn is ActorOf as the transaction sees it, never from memory, and until when it holds if nothing changes: a session
// ends by time, too.
//
// Faults: session.ended.
func (s *Service) StandingIn(ctx context.Context, tx *db.Tx, session string) (actor policy.Actor, until db.Time, err error) {
	c, err := standingOf(ctx, tx, `x.id = $1`, session)
	if err != nil {
		return policy.Actor{}, 0, err
	}
	if !c.info.live(tx.Now()) {
		return policy.Actor{}, 0, fault.New(fault.Unauthenticated, "session.ended")
	}
	return c.actor, min(c.info.ExpiresAt, c.info.LastSeenAt.Add(sessionIdle)), nil
}

// lookAtOnce is how many sessions ActorsOf reads with one statement.
const lookAtOnce = 200

// ActorsOf derives the actors of many sessions as of now, past what is
// remembered of them; those that have ended are missing.
func (s *Service) ActorsOf(ctx context.Context, sessions []string) (map[string]policy.Actor, error) {
	out := make(map[string]policy.Actor, len(sessions))
	for some := range slices.Chunk(sessions, lookAtOnce) {
		err := s.db.Read(ctx, func(tx *db.Tx) error {
			in, args := db.In(1, some)
			all, err := standingsOf(ctx, tx, `x.id in (`+in+`)`, args...)
			for _, c := range all {
				if c.info.live(tx.Now()) {
					out[c.info.ID] = c.actor
				}
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Touch marks a session as used now.
func (s *Service) Touch(ctx context.Context, session string) error {
	return s.db.Transact(ctx, func(tx *db.Tx) error { return touch(ctx, tx, session) })
}

// TouchUsed marks a session as used, to the minute, as requests do.
func (s *Service) TouchUsed(ctx context.Context, session string) error {
	_, info, err := s.ActorOf(ctx, session)
	if fault.Of(err) != nil {
		return nil // it has ended
	}
	if err != nil || s.clock().Sub(info.LastSeenAt.Time()) < touchEvery {
		return err
	}
	return s.Touch(ctx, session)
}

type cached struct {
	actor policy.Actor
	info  SessionInfo
	at    time.Time
}

func (s *Service) lookUp(ctx context.Context, key, where, arg string, use bool) (policy.Actor, SessionInfo, error) {
	s.mu.Lock()
	c, ok := s.cache[key]
	gen := s.cacheGen
	s.mu.Unlock()
	if ok && s.clock().Sub(c.at) < AuthCacheTTL {
		return c.actor, c.info, nil
	}
	at := s.clock() // before reading: the answer is at least this fresh
	stale := false
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		if c, err = standingOf(ctx, tx, where, arg); err != nil {
			return err
		}
		if !c.info.live(tx.Now()) {
			return fault.New(fault.Unauthenticated, "session.ended")
		}
		stale = use && tx.Now() >= c.info.LastSeenAt.Add(touchEvery)
		return nil
	})
	if err != nil {
		return policy.Actor{}, SessionInfo{}, err
	}
	if stale {
		// A hub that cannot write at the moment still lets people read; the
		// worst is a session that ends idle some minutes early.
		_ = s.Touch(ctx, c.info.ID)
	}
	c.at = at
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cacheGen == gen {
		if len(s.cache) > 20_000 {
			clear(s.cache)
		}
		s.cache[key] = c
	}
	return c.actor, c.info, nil
}

// forget drops what was read of rights, and what is being read.
func (s *Service) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.cache)
	s.cacheGen++
}

// standingOf reads a session that is not revoked, of an active person, and
// derives its actor. Expiry is the caller's to judge.
func standingOf(ctx context.Context, tx *db.Tx, where, arg string) (cached, error) {
	all, err := standingsOf(ctx, tx, where, arg)
	if err == nil && len(all) == 0 {
		err = fault.New(fault.Unauthenticated, "session.ended")
	}
	if err != nil {
		return cached{}, err
	}
	return all[0], nil
}

// standingsOf is standingOf for all sessions that a condition holds for.
func standingsOf(ctx context.Context, tx *db.Tx, where string, args ...any) ([]cached, error) {
	rows, err := tx.Query(ctx, `
		select x.id, x.person, x.user_agent, x.created_at, x.last_seen_at, x.expires_at,
		       x.password_at, x.second_factor_at, x.step_up_at,
		       p.locale, p.digits, p.calendar, p.theme,
		       coalesce(s.id, ''), coalesce(s.kind, ''), coalesce(s.can_vote, false),
		       coalesce(a.id, ''), coalesce(a.kind, ''), coalesce(a.has_vote, false), coalesce(a.status, '')
		  from session x
		  join person p on p.id = x.person
		  left join holding h on h.person = p.id and h.until = 0
		  left join seat s on s.id = h.seat
		  left join agency a on a.id = s.agency
		 where x.revoked_at = 0 and p.status = 'active' and `+where, args...)
	type read struct {
		cached
		st standing
	}
	var persons []string
	list, err := collect(rows, err, func(row scanner) (r read, err error) {
		v, st := &r.info, &r.st
		err = row.Scan(&v.ID, &v.Person, &v.UserAgent, &v.CreatedAt, &v.LastSeenAt, &v.ExpiresAt,
			&v.PasswordAt, &v.SecondFactorAt, &v.StepUpAt,
			&v.Prefs.Locale, &v.Prefs.Digits, &v.Prefs.Calendar, &v.Prefs.Theme,
			&st.seat, &st.kind, &st.canVote, &st.agency, &st.agencyKind, &st.hasVote, &st.agencyStatus)
		st.person, st.locale = v.Person, v.Prefs.Locale
		persons = append(persons, v.Person)
		return r, err
	})
	if err != nil || len(list) == 0 {
		return nil, wrap("find sessions", err)
	}
	roles, err := rolesOf(ctx, tx, persons)
	if err != nil {
		return nil, err
	}
	out := make([]cached, len(list))
	for i, r := range list {
		r.st.roles = roles[r.info.Person]
		r.actor = actorOf(r.st, r.info.ID)
		out[i] = r.cached
	}
	return out, nil
}

func touch(ctx context.Context, tx *db.Tx, session string) error {
	_, err := tx.Exec(ctx, `update session set last_seen_at = $2 where id = $1 and last_seen_at < $2`, session, int64(tx.Now()))
	return wrap("touch session", err)
}

// Sessions lists the actor's running sessions, newest first.
//
// Faults: policy.unauthenticated.
func (s *Service) Sessions(ctx context.Context, actor policy.Actor) ([]Session, error) {
	if err := policy.Check(actor, policy.ListSessions, policy.Global("session")); err != nil {
		return nil, err
	}
	list := []Session{}
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(ctx, `
			select id, person, user_agent, created_at, last_seen_at, expires_at, password_at, second_factor_at, step_up_at
			  from session where person = $1 and revoked_at = 0 order by created_at desc, id desc`, actor.Person)
		all, err := collect(rows, err, func(row scanner) (v Session, err error) {
			err = row.Scan(&v.ID, &v.Person, &v.UserAgent, &v.CreatedAt, &v.LastSeenAt, &v.ExpiresAt,
				&v.PasswordAt, &v.SecondFactorAt, &v.StepUpAt)
			return v, err
		})
		for _, v := range all {
			if v.live(tx.Now()) {
				list = append(list, v)
			}
		}
		return wrap("list sessions", err)
	})
	return list, err
}

// Revoke ends one of the actor's sessions; reason is "signed_out" for the
// actor's own and "revoked" for another.
//
// Faults: session.not_found.
func (s *Service) Revoke(ctx context.Context, actor policy.Actor, session string) error {
	return s.db.Transact(ctx, func(tx *db.Tx) error {
		var owner string
		err := tx.QueryRow(ctx, `select person from session where id = $1 and revoked_at = 0`+tx.ForUpdate(), session).Scan(&owner)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return wrap("find session", err)
		}
		f := policy.Facts{Kind: "session", ID: session, Owner: owner}
		if err := policy.Check(actor, policy.RevokeSession, f); err != nil {
			return err
		}
		reason := "revoked"
		if session == actor.Session {
			reason = "signed_out"
		}
		return s.revokeIn(ctx, tx, actor, owner, reason, session)
	})
}

// revokeTokenIn ends the session of a cookie, if there is one.
func (s *Service) revokeTokenIn(ctx context.Context, tx *db.Tx, token string) error {
	var session, owner string
	err := tx.QueryRow(ctx, `select id, person from session where token_hash = $1 and revoked_at = 0`, digest(token)).Scan(&session, &owner)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return wrap("find session", err)
	}
	return s.revokeIn(ctx, tx, policy.Actor{Person: owner, Session: session}, owner, "signed_out", session)
}

// revokeAllIn ends all sessions of a person but one ("" for none).
func (s *Service) revokeAllIn(ctx context.Context, tx *db.Tx, actor policy.Actor, person, reason, except string) error {
	rows, err := tx.Query(ctx, `select id from session where person = $1 and revoked_at = 0 and id <> $2 order by id`, person, except)
	ids, err := collect(rows, err, func(row scanner) (v string, err error) { return v, row.Scan(&v) })
	if err != nil {
		return wrap("list sessions", err)
	}
	return s.revokeIn(ctx, tx, actor, person, reason, ids...)
}

func (s *Service) revokeIn(ctx context.Context, tx *db.Tx, actor policy.Actor, person, reason string, sessions ...string) error {
	if len(sessions) == 0 {
		return nil
	}
	for _, v := range sessions {
		_, err := tx.Exec(ctx, `update session set revoked_at = $2, revoked_reason = $3 where id = $1 and revoked_at = 0`, v, int64(tx.Now()), reason)
		if err != nil {
			return wrap("revoke session", err)
		}
	}
	s.announceRevoked(tx, sessions...)
	return s.append(ctx, tx, actor, SessionsRevoked{Person: person, Sessions: sessions, Reason: reason})
}

// Sweep forgets sessions that ended more than 30 days ago, and links and set-up tokens
// that nobody can use any more. Run it now and then, on any node.
func (s *Service) Sweep(ctx context.Context) error {
	return s.db.Transact(ctx, func(tx *db.Tx) error {
		now := tx.Now()
		old := int64(now.Add(-30 * 24 * time.Hour))
		if _, err := tx.Exec(ctx, `
			delete from session
			 where expires_at < $1 or (revoked_at > 0 and revoked_at < $1)`, old); err != nil {
			return wrap("sweep sessions", err)
		}
		if _, err := tx.Exec(ctx, `delete from invitation where expires_at < $1`, old); err != nil {
			return wrap("sweep invitations", err)
		}
		if _, err := tx.Exec(ctx, `delete from signin_attempt where free_at <= $1`, int64(now)); err != nil {
			return wrap("sweep attempts", err)
		}
		_, err := tx.Exec(ctx, `delete from setup_token where expires_at <= $1`, int64(now))
		return wrap("sweep set-up tokens", err)
	})
}

// ChangePassword sets a new password, ends the person's other sessions and
// forgets the devices. The session goes on under the returned new token.
//
// Faults: policy.unauthenticated, member.invalid_fields, session.slow_down,
// session.busy.
func (s *Service) ChangePassword(ctx context.Context, actor policy.Actor, current, next string) (token string, err error) {
	if err := policy.Check(actor, policy.UpdateSelf, personFacts(actor.Person)); err != nil {
		return "", err
	}
	var f fields
	checkPassword(&f, "new", next)
	if current == "" || len(current) > maxPassword {
		f.add("current", "wrong")
	}
	if err := f.fault(); err != nil {
		return "", err
	}
	keys := spent{"password " + actor.Person: perAccount}
	if err := s.slow.take(ctx, keys); err != nil {
		return "", err
	}
	var p personRow
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		p, err = findPerson(ctx, tx, actor.Person, false)
		return err
	})
	if err != nil {
		return "", err
	}
	right, err := s.gate.verify(ctx, current, p.hash)
	if err != nil {
		return "", err
	}
	if !right {
		return "", fault.New(fault.Invalid, "member.invalid_fields").WithField("current", "wrong")
	}
	hash, err := s.gate.hash(ctx, next)
	if err != nil {
		return "", err
	}
	token = secret()
	err = s.db.Transact(ctx, func(tx *db.Tx) error {
		now, err := findPerson(ctx, tx, actor.Person, true)
		if err != nil {
			return err
		}
		if now.hash != p.hash || now.Status != Active {
			return fault.New(fault.Unauthenticated, "session.ended")
		}
		if err := s.slow.giveBack(ctx, tx, keys); err != nil {
			return err
		}
		if err := updatePassword(ctx, tx, actor.Person, hash); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `delete from known_device where person = $1`, actor.Person); err != nil {
			return wrap("forget devices", err)
		}
		res, err := tx.Exec(ctx, `update session set token_hash = $2, password_at = $3 where id = $1 and revoked_at = 0`,
			actor.Session, digest(token), int64(tx.Now()))
		if err != nil {
			return wrap("rotate session", err)
		}
		if n, err := res.RowsAffected(); err != nil {
			return err
		} else if n == 0 {
			return fault.New(fault.Unauthenticated, "session.ended")
		}
		if err := s.revokeAllIn(ctx, tx, actor, actor.Person, "password_changed", actor.Session); err != nil {
			return err
		}
		tx.AfterCommit(s.forget)
		return s.append(ctx, tx, actor, PasswordChanged{Person: actor.Person})
	})
	return token, err
}

package member

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/policy"
)

type scanner interface{ Scan(...any) error }

// collect reads all rows with scan and closes them.
func collect[T any](rows *sql.Rows, err error, scan func(scanner) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := []T{}
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, rows.Err()
}

const agencyColumns = `id, code, kind, tier, sector, area, name_ar, name_en, short_ar, short_en, hue, has_vote, status, joined`

func scanAgency(row scanner) (a Agency, err error) {
	err = row.Scan(&a.ID, &a.Code, &a.Kind, &a.Tier, &a.Sector, &a.Area, &a.Name.Ar, &a.Name.En, &a.Short.Ar, &a.Short.En,
		&a.Hue, &a.HasVote, &a.Status, &a.Joined)
	return a, err
}

func findAgency(ctx context.Context, tx *db.Tx, agency string, lock bool) (Agency, error) {
	query := `select ` + agencyColumns + ` from agency where id = $1`
	if lock {
		query += tx.ForUpdate()
	}
	a, err := scanAgency(tx.QueryRow(ctx, query, agency))
	if errors.Is(err, sql.ErrNoRows) {
		return a, policy.NotFound("agency")
	}
	return a, wrap("find agency", err)
}

func insertAgency(ctx context.Context, tx *db.Tx, a Agency) error {
	_, err := tx.Exec(ctx, `
		insert into agency (`+agencyColumns+`, key_ar, key_en, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
		a.ID, a.Code, a.Kind, a.Tier, a.Sector, a.Area, a.Name.Ar, a.Name.En, a.Short.Ar, a.Short.En,
		a.Hue, a.HasVote, a.Status, int64(a.Joined), nameKey(a.Name.Ar), nameKey(a.Name.En), int64(tx.Now()))
	return wrap("insert agency", err)
}

func updateAgency(ctx context.Context, tx *db.Tx, a Agency) error {
	_, err := tx.Exec(ctx, `
		update agency
		   set kind = $2, tier = $3, sector = $4, name_ar = $5, name_en = $6, short_ar = $7, short_en = $8,
		       hue = $9, has_vote = $10, status = $11, key_ar = $12, key_en = $13, area = $14
		 where id = $1`,
		a.ID, a.Kind, a.Tier, a.Sector, a.Name.Ar, a.Name.En, a.Short.Ar, a.Short.En,
		a.Hue, a.HasVote, a.Status, nameKey(a.Name.Ar), nameKey(a.Name.En), a.Area)
	return wrap("update agency", err)
}

func countAgencies(ctx context.Context, tx *db.Tx) (n int, err error) {
	err = tx.QueryRow(ctx, `select count(*) from agency`).Scan(&n)
	return n, wrap("count agencies", err)
}

func listAgencies(ctx context.Context, tx *db.Tx, f AgencyFilter) ([]Agency, error) {
	kept, args := f.Narrow.SQL("id", 2)
	rows, err := tx.Query(ctx, `
		select `+agencyColumns+`,
		       (select count(*) from seat s where s.agency = agency.id and s.until = 0)
		  from agency
		 where ($1 = '' or status = $1) and `+kept+`
		 order by code`, append([]any{string(f.Status)}, args...)...)
	list, err := collect(rows, err, func(row scanner) (a Agency, err error) {
		err = row.Scan(&a.ID, &a.Code, &a.Kind, &a.Tier, &a.Sector, &a.Area, &a.Name.Ar, &a.Name.En, &a.Short.Ar, &a.Short.En,
			&a.Hue, &a.HasVote, &a.Status, &a.Joined, &a.Seats)
		return a, err
	})
	return list, wrap("list agencies", err)
}

const personColumns = `id, name_ar, name_en, email, locale, digits, calendar, theme, status, password_hash`

type personRow struct {
	Person
	hash string
}

func scanPerson(row scanner) (p personRow, err error) {
	err = row.Scan(&p.ID, &p.Name.Ar, &p.Name.En, &p.Email, &p.Prefs.Locale, &p.Prefs.Digits, &p.Prefs.Calendar,
		&p.Prefs.Theme, &p.Status, &p.hash)
	return p, err
}

func findPerson(ctx context.Context, tx *db.Tx, person string, lock bool) (personRow, error) {
	query := `select ` + personColumns + ` from person where id = $1`
	if lock {
		query += tx.ForUpdate()
	}
	p, err := scanPerson(tx.QueryRow(ctx, query, person))
	if errors.Is(err, sql.ErrNoRows) {
		return p, policy.NotFound("person")
	}
	return p, wrap("find person", err)
}

// findPersonByEmail returns the zero row if there is none.
func findPersonByEmail(ctx context.Context, tx *db.Tx, key string) (personRow, error) {
	p, err := scanPerson(tx.QueryRow(ctx, `select `+personColumns+` from person where email_key = $1`, key))
	if errors.Is(err, sql.ErrNoRows) {
		return personRow{}, nil
	}
	return p, wrap("find person", err)
}

func insertPerson(ctx context.Context, tx *db.Tx, p personRow, key string) error {
	_, err := tx.Exec(ctx, `
		insert into person (`+personColumns+`, email_key, password_at, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)`,
		p.ID, p.Name.Ar, p.Name.En, p.Email, p.Prefs.Locale, p.Prefs.Digits, p.Prefs.Calendar, p.Prefs.Theme,
		p.Status, p.hash, key, int64(tx.Now()))
	return wrap("insert person", err)
}

func updatePerson(ctx context.Context, tx *db.Tx, p Person) error {
	_, err := tx.Exec(ctx, `
		update person
		   set name_ar = $2, name_en = $3, locale = $4, digits = $5, calendar = $6, theme = $7, status = $8
		 where id = $1`,
		p.ID, p.Name.Ar, p.Name.En, p.Prefs.Locale, p.Prefs.Digits, p.Prefs.Calendar, p.Prefs.Theme, p.Status)
	return wrap("update person", err)
}

func updatePassword(ctx context.Context, tx *db.Tx, person, hash string) error {
	_, err := tx.Exec(ctx, `update person set password_hash = $2, password_at = $3 where id = $1`, person, hash, int64(tx.Now()))
	return wrap("update password", err)
}

func listRoles(ctx context.Context, tx *db.Tx, person string) ([]policy.Role, error) {
	all, err := rolesOf(ctx, tx, []string{person})
	return all[person], err
}

// rolesOf is listRoles for many; who has none has an empty list.
func rolesOf(ctx context.Context, tx *db.Tx, persons []string) (map[string][]policy.Role, error) {
	out := make(map[string][]policy.Role, len(persons))
	if len(persons) == 0 {
		return out, nil
	}
	for _, p := range persons {
		out[p] = []policy.Role{}
	}
	in, args := db.In(1, persons)
	rows, err := tx.Query(ctx, `select person, role from person_role where person in (`+in+`) order by person, role`, args...)
	_, err = collect(rows, err, func(row scanner) (p string, err error) {
		var r policy.Role
		err = row.Scan(&p, &r)
		out[p] = append(out[p], r)
		return p, err
	})
	return out, wrap("list roles", err)
}

const seatColumns = `s.id, s.agency, s.kind, s.can_vote, s.since, s.until,
	coalesce(h.id, ''), coalesce(h.person, ''), coalesce(p.name_ar, ''), coalesce(p.name_en, ''), coalesce(h.since, 0)`

const seatTables = ` from seat s
	left join holding h on h.seat = s.id and h.until = 0
	left join person p on p.id = h.person `

func scanSeat(row scanner) (s Seat, err error) {
	err = row.Scan(&s.ID, &s.Agency, &s.Kind, &s.CanVote, &s.Since, &s.Until,
		&s.Holder.ID, &s.Holder.Person, &s.Holder.Name.Ar, &s.Holder.Name.En, &s.Holder.Since)
	s.Holder.Seat, s.Holder.Kind = s.ID, s.Kind
	return s, err
}

func findSeat(ctx context.Context, tx *db.Tx, seat string) (Seat, error) {
	s, err := scanSeat(tx.QueryRow(ctx, `select `+seatColumns+seatTables+`where s.id = $1`, seat))
	if errors.Is(err, sql.ErrNoRows) {
		return s, policy.NotFound("seat")
	}
	return s, wrap("find seat", err)
}

func listSeats(ctx context.Context, tx *db.Tx, agency string) ([]Seat, error) {
	rows, err := tx.Query(ctx, `select `+seatColumns+seatTables+`
		 where s.agency = $1 and s.until = 0
		 order by case s.kind when 'principal' then 0 when 'alternate' then 1 when 'writer' then 2 else 3 end, s.since, s.id`, agency)
	list, err := collect(rows, err, scanSeat)
	return list, wrap("list seats", err)
}

func listHistory(ctx context.Context, tx *db.Tx, agency string) ([]Holding, error) {
	rows, err := tx.Query(ctx, `
		select h.id, h.seat, s.kind, h.person, p.name_ar, p.name_en, h.since, h.until, h.reason
		  from holding h join seat s on s.id = h.seat join person p on p.id = h.person
		 where s.agency = $1 and h.until > 0
		 order by h.until desc, h.id`, agency)
	list, err := collect(rows, err, func(row scanner) (h Holding, err error) {
		err = row.Scan(&h.ID, &h.Seat, &h.Kind, &h.Person, &h.Name.Ar, &h.Name.En, &h.Since, &h.Until, &h.Reason)
		return h, err
	})
	return list, wrap("list seat history", err)
}

func listHolders(ctx context.Context, tx *db.Tx, agency string) ([]string, error) {
	rows, err := tx.Query(ctx, `
		select h.person from holding h join seat s on s.id = h.seat
		 where s.agency = $1 and h.until = 0`, agency)
	list, err := collect(rows, err, func(row scanner) (p string, err error) { return p, row.Scan(&p) })
	return list, wrap("list holders", err)
}

func insertSeat(ctx context.Context, tx *db.Tx, s Seat) error {
	_, err := tx.Exec(ctx, `insert into seat (id, agency, kind, can_vote, since, until) values ($1, $2, $3, $4, $5, 0)`,
		s.ID, s.Agency, s.Kind, s.CanVote, int64(s.Since))
	return wrap("insert seat", err)
}

func insertHolding(ctx context.Context, tx *db.Tx, h Holding) error {
	_, err := tx.Exec(ctx, `insert into holding (id, seat, person, since, until, reason) values ($1, $2, $3, $4, 0, '')`,
		h.ID, h.Seat, h.Person, int64(h.Since))
	return wrap("insert holding", err)
}

func endHolding(ctx context.Context, tx *db.Tx, holding, reason string) error {
	_, err := tx.Exec(ctx, `update holding set until = $2, reason = $3 where id = $1`, holding, int64(tx.Now()), reason)
	return wrap("end holding", err)
}

func endSeat(ctx context.Context, tx *db.Tx, seat string) error {
	_, err := tx.Exec(ctx, `update seat set until = $2 where id = $1`, seat, int64(tx.Now()))
	return wrap("end seat", err)
}

// findSeatOf returns the seat a person holds now; ok is false if none.
func findSeatOf(ctx context.Context, tx *db.Tx, person string) (s Seat, ok bool, err error) {
	s, err = scanSeat(tx.QueryRow(ctx, `select `+seatColumns+seatTables+`where h.person = $1 and s.until = 0`, person))
	if errors.Is(err, sql.ErrNoRows) {
		return Seat{}, false, nil
	}
	return s, err == nil, wrap("find seat of person", err)
}

const invitationColumns = `id, email, name_ar, name_en, agency, kind, can_vote, roles, replaces, invited_by, created_at, expires_at`

// findInvitation returns the open invitation with the token's digest.
func findInvitation(ctx context.Context, tx *db.Tx, hash string, lock bool) (Invitation, bool, error) {
	query := `select ` + invitationColumns + ` from invitation
		where token_hash = $1 and used_at = 0 and revoked_at = 0 and expires_at > $2`
	if lock {
		query += tx.ForUpdate()
	}
	v, err := scanInvitation(tx.QueryRow(ctx, query, hash, int64(tx.Now())))
	if errors.Is(err, sql.ErrNoRows) {
		return v, false, nil
	}
	return v, err == nil, wrap("find invitation", err)
}

func insertInvitation(ctx context.Context, tx *db.Tx, v Invitation, hash, key string) error {
	roles, err := json.Marshal(v.Roles)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		insert into invitation (`+invitationColumns+`, token_hash, email_key, used_at, revoked_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0, 0)`,
		v.ID, v.Email, v.Name.Ar, v.Name.En, v.Agency, v.Kind, v.CanVote, string(roles), v.Replaces, v.InvitedBy,
		int64(v.CreatedAt), int64(v.ExpiresAt), hash, key)
	return wrap("insert invitation", err)
}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}

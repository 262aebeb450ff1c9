package demo

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/multaqa/multaqa/pkg/ballot"
	"github.com/multaqa/multaqa/pkg/comment"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/glossary"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/moderation"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/practice"
	"github.com/multaqa/multaqa/pkg/section"
	"github.com/multaqa/multaqa/pkg/suggestion"
	"github.com/multaqa/multaqa/pkg/web"
	"github.com/multaqa/multaqa/pkg/workspace"
)

// Password opens every account of the demo network.
const Password = "multaqa-demo-1448"

// settingKey marks a demo hub and keeps how to sign in.
const settingKey = "demo"

// Services are what seeding drives.
type Services struct {
	DB         *db.DB
	Bus        draft.Bus
	Log        *slog.Logger
	Members    *member.Service
	Workspaces *workspace.Service
	Guidelines *guideline.Service
	Practices  *practice.Service
	Ballots    *ballot.Service
	Comments   *comment.Service
	Suggests   *suggestion.Service // nil: nothing is suggested
	Glossary   *glossary.Service   // nil: without terms
	Sections   *section.Service    // nil: no section is given
	Moderation *moderation.Service // nil: nothing is flagged
}

// seeding marks a hub that is being seeded; the moment when that began follows.
const seeding = "seeding"

// ErrForeign says that the hub holds something else than the demo network, or
// waits for somebody to set it up.
var ErrForeign = errors.New("this hub is not empty and not the demo network; the demo wants a data directory (MULTAQA_DATA) or database (MULTAQA_DATABASE_URL) of its own")

// ErrPartial says that seeding was interrupted, and that nothing else is there.
var ErrPartial = errors.New("seeding the demo network was interrupted")

// ErrUsed says that seeding was interrupted and that somebody worked there since, or put tables of another program beside it.
var ErrUsed = errors.New("this hub holds a demo network whose seeding was interrupted, and something else besides; the demo leaves it alone, as it is not the demo network alone. Keep what you need of it and empty it")

// Find says whether the hub is the demo network: how to sign in when it is,
// nil when it is empty. It changes nothing and takes any schema, none too.
//
// Faults: ErrForeign, ErrPartial, ErrUsed.
func Find(ctx context.Context, d *db.DB) (signIn *web.DemoSignIn, err error) {
	err = d.Read(ctx, func(tx *db.Tx) error {
		signIn, err = look(ctx, tx)
		return err
	})
	return signIn, err
}

func look(ctx context.Context, tx *db.Tx) (*web.DemoSignIn, error) {
	tables, err := tableNames(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("look for the demo network: %w", err)
	}
	if len(tables) == 0 {
		return nil, nil
	}
	if !slices.Contains(tables, "setting") {
		return nil, ErrForeign
	}
	var kept string
	if err := tx.QueryRow(ctx, `select coalesce(max(value), '') from setting where key = $1`, settingKey).Scan(&kept); err != nil {
		return nil, fmt.Errorf("look for the demo network: %w", err)
	}
	if since, ok := strings.CutPrefix(kept, seeding); ok {
		return nil, unfinished(ctx, tx, tables, since)
	}
	if kept != "" {
		var s web.DemoSignIn
		if err := json.Unmarshal([]byte(kept), &s); err != nil {
			return nil, fmt.Errorf("demo setting: %w", err)
		}
		return &s, nil
	}
	for _, of := range []string{"event", "setup_token"} { // a migration that was killed made the first alone
		var n int64
		if slices.Contains(tables, of) {
			err = tx.QueryRow(ctx, `select count(*) from `+of).Scan(&n)
		}
		if err != nil {
			return nil, fmt.Errorf("look for the demo network: %w", err)
		}
		if n > 0 {
			return nil, ErrForeign
		}
	}
	return nil, nil
}

// unfinished tells a seeding that was interrupted from one beside which there
// is something else. All that the demo does lies in the past of the moment
// when it began; whatever anybody else does makes an event, later than that.
func unfinished(ctx context.Context, tx *db.Tx, tables []string, since string) error {
	own, err := db.OwnTables()
	if err != nil {
		return err
	}
	for _, name := range tables {
		if !slices.Contains(own, name) {
			return ErrUsed
		}
	}
	began, err := strconv.ParseInt(strings.TrimSpace(since), 10, 64)
	if err != nil {
		return ErrUsed // of a program that did not say when
	}
	var later int64
	if err := tx.QueryRow(ctx, `select count(*) from event where at >= $1`, began).Scan(&later); err != nil {
		return fmt.Errorf("look for the demo network: %w", err)
	}
	if later > 0 {
		return ErrUsed
	}
	return ErrPartial
}

// Reset empties a PostgreSQL database that holds an unfinished demo network
// and nothing else; what it holds is looked at once more, under lock.
//
// Faults: ErrUsed, and ErrForeign where there is no demo network.
func Reset(ctx context.Context, d *db.DB) error {
	return d.Drop(ctx, func(tx *db.Tx) error {
		_, err := look(ctx, tx)
		if errors.Is(err, ErrPartial) {
			return nil
		}
		return cmp.Or(err, ErrForeign)
	})
}

// tableNames lists the tables that are there, without those that migrations
// and engines keep for themselves.
func tableNames(ctx context.Context, tx *db.Tx) (names []string, err error) {
	query := `select name from sqlite_master where type = 'table' and name not like 'goose_%' and name not like 'sqlite_%'`
	if tx.Engine() == db.Postgres {
		query = `select relname::text from pg_class where relkind in ('r', 'p') and relnamespace = current_schema()::regnamespace and relname not like 'goose_%'`
	}
	rows, err := tx.Query(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

// Seed fills an empty hub with the demo network and returns how to sign in.
// It sets the hub's clock back while it works, so nothing else may run.
// progress is called with how many of the steps are done; it may be nil.
func Seed(ctx context.Context, s Services, progress func(done, total int)) (*web.DemoSignIn, error) {
	c, err := load()
	if err != nil {
		return nil, err
	}
	hash, err := member.HashPassword(Password)
	if err != nil {
		return nil, err
	}
	var began db.Time
	if err := s.DB.Read(ctx, func(tx *db.Tx) error { began = tx.Now(); return nil }); err != nil {
		return nil, err
	}
	// A minute of room: the clock of the past moves with every look, and must not reach the moment of beginning.
	w := &world{Services: s, ctx: ctx, content: c, hash: hash, start: began.Time().Truncate(time.Minute).Add(-time.Minute),
		agencies: map[string]member.Agency{}, actors: map[string]policy.Actor{}, guides: map[string]*guide{}, practices: map[string]*practice.Practice{}}
	if err := w.keep(seeding + " " + strconv.FormatInt(int64(began), 10)); err != nil {
		return nil, err
	}
	s.DB.SetClock(w.now)
	defer s.DB.SetClock(nil)
	run, stop := context.WithCancel(ctx)
	// Its own service: the people of the past have no sessions that could be asked for.
	w.drafts = draft.New(s.DB, past{s.Guidelines}, s.Bus, s.Log, draft.Options{Poll: time.Hour, Idle: time.Hour})
	wait := w.drafts.Start(run)
	defer func() { stop(); wait() }()

	w.plan()
	slices.SortStableFunc(w.steps, func(a, b step) int { return a.at.Compare(b.at) })
	for i, st := range w.steps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		w.clock.Store(st.at.UnixMicro())
		if err := st.do(); err != nil {
			return nil, fmt.Errorf("seed %s: %w", st.what, err)
		}
		if progress != nil {
			progress(i+1, len(w.steps))
		}
	}
	signIn := w.signIn()
	b, err := json.Marshal(signIn)
	if err != nil {
		return nil, err
	}
	return signIn, w.keep(string(b))
}

// past lets the people of the past write: nobody is signed in.
type past struct{ guidelines *guideline.Service }

func (p past) Facts(ctx context.Context, tx *db.Tx, draft string) (policy.Facts, error) {
	return p.guidelines.Facts(ctx, tx, draft)
}

func (past) Actor(_ context.Context, was policy.Actor) (policy.Actor, error) { return was, nil }

// step is something that happened.
type step struct {
	at   time.Time
	what string
	do   func() error
}

// world is the network while it is seeded.
type world struct {
	Services
	content
	ctx       context.Context
	start     time.Time
	clock     atomic.Int64 // microseconds
	hash      string
	drafts    *draft.Service
	steps     []step
	agencies  map[string]member.Agency
	actors    map[string]policy.Actor // "MUN", "MUN/alternate", "SEC/0"
	guides    map[string]*guide
	practices map[string]*practice.Practice
	joint     workspace.Workspace
}

// now is the clock of the past; it moves a little with every look.
func (w *world) now() time.Time { return time.UnixMicro(w.clock.Add(1000)).UTC() }

// on plans a step, days from the start; the past is negative. What is planned
// for the future is an error of the content.
func (w *world) on(days float64, what string, do func() error) {
	w.steps = append(w.steps, step{at: w.day(days), what: what, do: do})
}

// day is when something happened that many days from the start. Within the
// last day that is exact; before, it falls into working hours a day or two
// earlier, and the order of what happened is kept.
func (w *world) day(days float64) time.Time {
	if days > -1 {
		return w.start.Add(time.Duration(days * 24 * float64(time.Hour)))
	}
	whole := math.Floor(days + 1)
	// 08:00 to 15:30 in the network's zone, and no two days alike.
	hours := 4 + 5*(days+1-whole) + float64(scatter(fmt.Sprint(whole))%150)/60
	y, m, d := w.start.AddDate(0, 0, int(whole)-2).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Add(time.Duration(hours * float64(time.Hour)))
}

// closing is a moment when ballots close: two in the afternoon in the network's zone.
func (w *world) closing(days float64) db.Time {
	t := w.start.Add(time.Duration(days * 24 * float64(time.Hour)))
	return db.At(time.Date(t.Year(), t.Month(), t.Day(), 10, 0, 0, 0, time.UTC))
}

func (w *world) keep(value string) error {
	return w.DB.Transact(w.ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(w.ctx, `insert into setting (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value`, settingKey, value)
		return err
	})
}

// epoch is when the network began, in days before the start.
const epoch = -720

// plan writes the whole past down.
func (w *world) plan() {
	w.on(epoch, "network", w.foundNetwork)
	for i, p := range w.content.practices {
		w.planPractice(i, p)
	}
	w.on(epoch+2, "joint workspace", func() (err error) {
		var ids []string
		for _, c := range jointAgencies {
			ids = append(ids, w.agencies[c].ID)
		}
		w.joint, err = w.Workspaces.Create(w.ctx, w.actors["MUN"], locale.Text{Ar: "رحلة المتعامل الموحّدة", En: "Unified customer journey"}, ids)
		return err
	})
	if w.Glossary != nil {
		w.on(epoch+30, "glossary", func() error { return seedTerms(w.ctx, w.Glossary, w.actors["SEC/0"], w.actors["MUN"]) })
	}
	for i, g := range w.content.guides {
		w.planGuide(i, g)
	}
	for i, t := range w.content.threads {
		w.planThread(i, t)
	}
	w.planPartner()
	if w.Suggests != nil {
		for _, s := range suggestedChanges {
			w.planSuggestion(s)
		}
	}
}

// foundNetwork makes the network, its agencies and its people.
func (w *world) foundNetwork() error {
	hub := policy.SystemActor()
	n := w.content.network
	if _, err := w.Members.CreateNetwork(w.ctx, hub, locale.Text{Ar: "شبكة تطوير الخدمات الحكومية", En: "Government Services Development Network"}); err != nil {
		return err
	}
	sec, err := w.Members.CreateAgency(w.ctx, hub, member.NewAgency{Code: n.Secretariat.Code, Kind: member.KindSecretariat, Sector: "governance",
		Name: n.Secretariat.Name.text(), Short: n.Secretariat.Short.text()})
	if err != nil {
		return err
	}
	w.agencies["SEC"] = sec
	for i, p := range w.content.people.Secretariat {
		kind := []member.SeatKind{member.PrincipalSeat, member.AlternateSeat, member.WriterSeat}[min(i, 2)]
		if err := w.seat(fmt.Sprintf("SEC/%d", i), p, sec, kind, false); err != nil {
			return err
		}
	}
	for i, a := range n.Agencies {
		ag, err := w.Members.CreateAgency(w.ctx, hub, member.NewAgency{Code: a.Code, Kind: kindOf(a.Name.Ar), Tier: tierOf(a.Code), Sector: a.Sector, Area: areas[a.Code], Name: a.Name.text(),
			Short: a.Short.text(), Hue: i%8 + 1, HasVote: true, Joined: db.At(w.day(epoch + 3*float64(i)))})
		if err != nil {
			return err
		}
		w.agencies[a.Code] = ag
		p := w.content.people.Agencies[a.Code]
		if err := w.seat(a.Code, p.Principal, ag, member.PrincipalSeat, true); err != nil {
			return err
		}
		if err := w.seat(a.Code+"/alternate", p.Alternate, ag, member.AlternateSeat, true); err != nil {
			return err
		}
	}
	for i, p := range w.content.people.Others {
		ag := member.Agency{}
		if p.Agency != "" {
			ag = w.agencies[p.Agency]
		}
		if err := w.seat(fmt.Sprintf("other/%d", i), p, ag, member.ReaderSeat, false); err != nil {
			return err
		}
	}
	return nil
}

// federal are the agencies of the demo that are not the city's own.
var federal = []string{"EWA", "FIN", "LBR", "PRT", "RES", "STA"}

func tierOf(code string) string {
	if slices.Contains(federal, code) {
		return "federal"
	}
	return "local"
}

// areas are where those work that do not work everywhere.
var areas = map[string]string{"MUN": "capital", "RTA": "capital", "POL": "capital", "CDF": "capital", "CRT": "capital", "PRS": "capital", "ECO": "capital",
	"HLT": "coast", "TRM": "coast", "PRT": "coast", "LND": "north", "EDU": "north", "SOC": "east", "HOU": "west"}

// kindOf reads an agency's kind from its name.
func kindOf(name string) string {
	for word, kind := range map[string]string{"هيئة": "authority", "دائرة": "department", "بلدية": "municipality", "مركز": "centre", "مجلس": "council"} {
		if strings.HasPrefix(name, word) {
			return kind
		}
	}
	return "other"
}

// seat makes a person with roles and, in an agency, a seat, and remembers who
// they are as an actor.
func (w *world) seat(name string, p personFile, ag member.Agency, kind member.SeatKind, votes bool) error {
	hub := policy.SystemActor()
	person, err := w.Members.CreatePerson(w.ctx, hub, member.NewPerson{Name: p.Name.text(), Email: p.Email, PasswordHash: w.hash})
	if err != nil {
		return fmt.Errorf("%s: %w", p.Email, err)
	}
	a := policy.Actor{Person: person.ID, Locale: "ar"}
	for _, r := range p.Roles {
		if r == string(policy.Reader) && ag.ID != "" {
			continue // the seat says so
		}
		if err := w.Members.Grant(w.ctx, hub, person.ID, policy.Role(r)); err != nil {
			return fmt.Errorf("%s: %w", p.Email, err)
		}
		a.Roles = append(a.Roles, policy.Role(r))
	}
	if ag.ID != "" {
		seat, err := w.Members.Seat(w.ctx, hub, member.NewSeat{Agency: ag.ID, Person: person.ID, Kind: kind, CanVote: votes})
		if err != nil {
			return fmt.Errorf("%s: %w", p.Email, err)
		}
		a.Seat, a.Agency, a.CanVote, a.Principal = seat.ID, ag.ID, votes, kind == member.PrincipalSeat
		switch {
		case ag.Kind == member.KindSecretariat:
		case kind == member.PrincipalSeat:
			a.Roles = append(a.Roles, policy.AgencyLead)
		case kind == member.AlternateSeat:
			a.Roles = append(a.Roles, policy.Representative)
		}
	}
	w.actors[name] = a
	return nil
}

// signIn lists a person of each role, for the sign-in page.
func (w *world) signIn() *web.DemoSignIn {
	s := &web.DemoSignIn{Password: Password, Accounts: []web.DemoAccount{}}
	add := func(p personFile, agency words, role string, label words) {
		s.Accounts = append(s.Accounts, web.DemoAccount{Email: p.Email, Name: web.Text(p.Name), Agency: web.Text(agency), Role: role, Label: web.Text(label)})
	}
	short := map[string]words{"SEC": w.content.network.Secretariat.Short}
	for _, a := range w.content.network.Agencies {
		short[a.Code] = a.Short
	}
	for _, c := range []string{"MUN", "RTA", "HLT"} {
		add(w.content.people.Agencies[c].Principal, short[c], "AL", words{"ممثّل أصيل", "Principal representative"})
	}
	add(w.content.people.Agencies["MUN"].Alternate, short["MUN"], "RP", words{"ممثّل بديل", "Alternate representative"})
	for _, p := range w.content.people.Secretariat {
		add(p, short["SEC"], p.Roles[0], p.Title)
	}
	for _, p := range w.content.people.Others {
		add(p, short[p.Agency], p.Roles[0], p.Title)
	}
	return s
}

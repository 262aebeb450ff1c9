package member

import (
	"context"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Handover is a seat with everybody who held it: the holder of the moment
// first, then the former ones, the last first. Taken says when the holder took
// it over; it is 0 before, and for the first holder, who had nobody to take it from.
type Handover struct {
	Agency  Agency
	Seat    Seat
	Holders []Holding
	Taken   db.Time
	Mine    bool // the actor holds it now
}

// Waits says whether the holder has still to look at what the seat owes.
func (h Handover) Waits() bool {
	return h.Seat.Until == 0 && h.Seat.Holder.Person != "" && len(h.Holders) > 1 && h.Taken == 0
}

// Former are the persons whose duties came to the holder with the seat.
func (h Handover) Former() []string {
	var out []string
	for _, v := range h.Holders {
		if v.Until != 0 && v.Person != h.Seat.Holder.Person {
			out = append(out, v.Person)
		}
	}
	return out
}

func handoverFacts(s Seat) policy.Facts {
	f := seatFacts(s.Agency, s.ID, s.Kind)
	f.Owner = s.Holder.Person
	return f
}

// HandoverIn reads a seat with its holders, if the actor may see what is handed
// over with it.
//
// Faults: seat.not_found, policy.forbidden.
func HandoverIn(ctx context.Context, tx *db.Tx, actor policy.Actor, seat string) (Handover, error) {
	var h Handover
	s, err := findSeat(ctx, tx, seat)
	if err != nil {
		return h, err
	}
	if err := policy.Check(actor, policy.ReadHandover, handoverFacts(s)); err != nil {
		return h, err
	}
	h.Seat, h.Mine = s, s.Until == 0 && s.Holder.Person != "" && s.Holder.Person == actor.Person
	if h.Agency, err = findAgency(ctx, tx, s.Agency, false); err != nil {
		return h, err
	}
	rows, err := tx.Query(ctx, `
		select h.id, h.seat, h.person, p.name_ar, p.name_en, h.since, h.until, h.reason, coalesce(o.taken_at, 0)
		  from holding h join person p on p.id = h.person left join handover o on o.holding = h.id
		 where h.seat = $1
		 order by case when h.until = 0 then 0 else 1 end, h.until desc, h.id`, seat)
	h.Holders, err = collect(rows, err, func(row scanner) (v Holding, err error) {
		var taken db.Time
		err = row.Scan(&v.ID, &v.Seat, &v.Person, &v.Name.Ar, &v.Name.En, &v.Since, &v.Until, &v.Reason, &taken)
		v.Kind = s.Kind
		if v.Until == 0 {
			h.Taken = taken
		}
		return v, err
	})
	return h, wrap("list holders of a seat", err)
}

// SeatsIn lists the seats of an agency that are in use. It asks no policy.
func SeatsIn(ctx context.Context, tx *db.Tx, agency string) ([]Seat, error) {
	return listSeats(ctx, tx, agency)
}

// TakeOver records that the actor has seen what came with the seat. Saying it
// again changes nothing.
//
// Faults: seat.not_found, policy.forbidden, seat.already_ended.
func (s *Service) TakeOver(ctx context.Context, actor policy.Actor, seat string) error {
	return s.db.Transact(ctx, func(tx *db.Tx) error {
		v, err := lockSeat(ctx, tx, seat)
		if err != nil {
			return err
		}
		if err := policy.Check(actor, policy.TakeOverSeat, handoverFacts(v)); err != nil {
			return err
		}
		if v.Until != 0 {
			return fault.New(fault.Conflict, "seat.already_ended")
		}
		res, err := tx.Exec(ctx, `
			insert into handover (holding, taken_at) values ($1, $2) on conflict (holding) do nothing`, v.Holder.ID, int64(tx.Now()))
		if err != nil {
			return wrap("take over", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return s.append(ctx, tx, actor, SeatTakenOver{Seat: v.ID, Agency: v.Agency, Person: actor.Person})
	})
}

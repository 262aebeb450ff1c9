package changeset

// Logged is an accepted update, for Rebase. Own marks it as the accepted form of the next of the updates being rebased, which
// the caller decides by client and sequence number, never by position.
type Logged struct {
	Change ChangeSet
	Own    bool
}

// Rebase moves updates, which follow one another from an old version, over the log since that version. Those that
// the log holds already are left out; the rest apply to the newest text, in order.
// ErrLength when lengths do not fit, also when log marks more updates as own than there are.
//
// The log is crossed one update at a time, as an editor does that hands its collab extension one update at a time
// (codemirror/collab receiveUpdates with a list of one). The original rebaseUpdates composes the log first, and that is not
// the same: what was typed inside a deleted range, beside a later insertion at that place, lands on the one side of it
// or on the other, so server and editor could end with different texts.
func Rebase(updates []ChangeSet, log []Logged) ([]ChangeSet, error) {
	if len(log) == 0 || len(updates) == 0 {
		return updates, nil
	}
	out := append([]ChangeSet(nil), updates...)
	flat, ok := reaches(out)
	next := make([]reach, len(out))
	for _, l := range log {
		if l.Own {
			if len(out) == 0 {
				return nil, ErrLength
			}
			out, next = out[1:], next[1:]
			if ok {
				flat = flat[1:]
			}
			continue
		}
		if ok && slide(flat, next, l.Change) {
			flat, next = next, flat
			continue
		}
		if ok {
			settle(out, flat)
		}
		over := l.Change
		for i := range out {
			moved, err := out[i].Map(over, false)
			if err != nil {
				return nil, err
			}
			if i < len(out)-1 {
				if over, err = over.Map(out[i], true); err != nil {
					return nil, err
				}
			}
			out[i] = moved
		}
		flat, ok = reaches(out)
	}
	if ok {
		settle(out, flat)
	}
	return out, nil
}

// reach is a change that replaces one range of a text of length units by ins units, without the text.
type reach struct{ from, to, length, ins int }

func (c ChangeSet) reach() (r reach, ok bool) {
	secs := c.secs
	if len(secs) > 0 && secs[0].ins == keep {
		r.from = secs[0].len
		secs = secs[1:]
	}
	if len(secs) == 0 || len(secs) > 2 || secs[0].ins == keep || len(secs) == 2 && secs[1].ins != keep {
		return r, false
	}
	r.to, r.ins = r.from+secs[0].len, secs[0].ins
	r.length = r.to
	if len(secs) == 2 {
		r.length += secs[1].len
	}
	return r, true
}

func reaches(changes []ChangeSet) (out []reach, ok bool) {
	out = make([]reach, len(changes))
	for i, c := range changes {
		if out[i], ok = c.reach(); !ok {
			return nil, false
		}
	}
	return out, true
}

// past is Map for two that do not touch: only what is kept before or after the range grows or shrinks. False when they do.
func (r reach) past(other reach) (reach, bool) {
	by := other.ins - (other.to - other.from)
	switch {
	case r.length != other.length:
		return r, false
	case other.to < r.from:
		r.from, r.to = r.from+by, r.to+by
	case other.from <= r.to:
		return r, false
	}
	r.length += by
	return r, true
}

// slide maps changes over another in numbers alone, which is what happens most: people type in different places. False when any of them
// touches it; then next means nothing.
func slide(flat, next []reach, change ChangeSet) bool {
	over, ok := change.reach()
	for i := range flat {
		if !ok {
			return false
		}
		if next[i], ok = flat[i].past(over); ok {
			over, ok = over.past(flat[i])
		}
	}
	return ok
}

// settle makes the changes those of the numbers.
func settle(changes []ChangeSet, flat []reach) {
	for i, r := range flat {
		if now, _ := changes[i].reach(); now == r {
			continue
		}
		secs := append([]section(nil), changes[i].secs...)
		if secs[0].ins == keep {
			secs[0].len = r.from
		}
		if last := len(secs) - 1; secs[last].ins == keep {
			secs[last].len = r.length - r.to
		}
		changes[i].secs = secs
	}
}

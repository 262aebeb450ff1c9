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
	own := false // the sections of the one change that is left are a copy
	for _, l := range log {
		if l.Own {
			if len(out) == 0 {
				return nil, ErrLength
			}
			out = out[1:]
			continue
		}
		if len(out) == 1 && out[0].slide(l.Change, &own) {
			continue
		}
		own = false
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
	}
	return out, nil
}

// slide is Map for what happens most: each of the two replaces one range, and the ranges do not touch. Then only what is kept before or
// after the own range grows or shrinks. It changes the sections, of which it makes a copy unless own says that there is one. False when
// it is another case, and nothing is done.
func (c *ChangeSet) slide(over ChangeSet, own *bool) bool {
	from, to, length, _, ok := c.span()
	if !ok {
		return false
	}
	overFrom, overTo, overLength, ins, ok := over.span()
	if !ok || length != overLength {
		return false
	}
	at := 0
	switch {
	case overTo < from:
	case overFrom > to:
		at = len(c.secs) - 1
	default:
		return false
	}
	if !*own {
		c.secs, *own = append([]section(nil), c.secs...), true
	}
	c.secs[at].len += ins - (overTo - overFrom)
	return true
}

// span describes a change that replaces one range of a text of length units by ins units.
func (c ChangeSet) span() (from, to, length, ins int, ok bool) {
	secs := c.secs
	if len(secs) > 0 && secs[0].ins == keep {
		from = secs[0].len
		secs = secs[1:]
	}
	if len(secs) == 0 || len(secs) > 2 || len(secs) == 2 && secs[1].ins != keep {
		return 0, 0, 0, 0, false
	}
	to, ins = from+secs[0].len, secs[0].ins
	length = to
	if len(secs) == 2 {
		length += secs[1].len
	}
	return from, to, length, ins, true
}

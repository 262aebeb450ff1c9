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
	for _, l := range log {
		if l.Own {
			if len(out) == 0 {
				return nil, ErrLength
			}
			out = out[1:]
			continue
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
	}
	return out, nil
}

// Package drafttest is an editor without a screen: it keeps to docs/protocol.md as CodeMirror's collab extension and our
// front end do, for tests and load generators.
package drafttest

import (
	"fmt"
	"math/rand/v2"

	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/draft"
)

// Client is one tab. It is not safe for concurrent use.
type Client struct {
	Number  int64
	Handle  int
	Version int64          // the newest version it has seen
	Synced  changeset.Text // the text of that version
	Doc     changeset.Text // what the person sees: Synced and the unconfirmed updates

	unconfirmed []changeset.ChangeSet // each starts where the one before ends, the first at Synced
	confirmed   int64                 // last sequence seen in the log
	inFlight    int                   // how many of unconfirmed were sent and not yet answered
}

// New returns a client on a text it was given.
func New(number int64, handle int, version int64, text string) *Client {
	t := changeset.NewText(text)
	return &Client{Number: number, Handle: handle, Version: version, Synced: t, Doc: t}
}

// Edit makes a change of Doc.
func (c *Client) Edit(change changeset.ChangeSet) error {
	doc, err := change.Apply(c.Doc)
	if err != nil {
		return err
	}
	c.Doc, c.unconfirmed = doc, append(c.unconfirmed, change)
	return nil
}

// Unconfirmed is how many updates are not in the log yet, as far as the client knows.
func (c *Client) Unconfirmed() int { return len(c.unconfirmed) }

// Push returns what is to be sent now, up to limit updates; nothing while a push is in flight or when all is confirmed.
func (c *Client) Push(limit int) ([]byte, bool) { return c.PushAt(limit, nil) }

// PushAt is Push with the caret, in the text of Synced.
func (c *Client) PushAt(limit int, caret *draft.Caret) ([]byte, bool) {
	if c.inFlight > 0 || len(c.unconfirmed) == 0 {
		return nil, false
	}
	c.inFlight = min(limit, len(c.unconfirmed))
	p := draft.Push{Handle: c.Handle, Base: c.Version, Length: c.Synced.Len(), Seq: c.confirmed + 1, Updates: c.unconfirmed[:c.inFlight], Caret: caret}
	return p.Append(nil), true
}

// Reconnect forgets what was in flight, so that Push sends it again; handle and seq are those of the new "opened".
func (c *Client) Reconnect(handle int, seq int64) error {
	if seq < c.confirmed {
		return fmt.Errorf("the log has sequence %d, the client saw %d", seq, c.confirmed)
	}
	c.Handle, c.inFlight = handle, 0
	return nil
}

// Retry forgets what was in flight after a refusal that says "again".
func (c *Client) Retry() { c.inFlight = 0 }

// Receive applies a frame. An error means that the server broke a promise.
func (c *Client) Receive(frame []byte) error {
	handle, from, updates, err := draft.DecodeFrame(frame, c.Synced.Len())
	if err != nil {
		return err
	}
	if handle != c.Handle || from != c.Version {
		return fmt.Errorf("frame of draft %d from version %d, want %d from %d", handle, from, c.Handle, c.Version)
	}
	for _, u := range updates {
		if err := c.receive(u); err != nil {
			return fmt.Errorf("update %d: %w", u.Version, err)
		}
	}
	return nil
}

func (c *Client) receive(u draft.Update) error {
	synced, err := u.Change.Apply(c.Synced)
	if err != nil {
		return err
	}
	if u.Client == c.Number {
		if u.Seq != c.confirmed+1 || len(c.unconfirmed) == 0 || !u.Change.Equal(c.unconfirmed[0]) {
			return fmt.Errorf("own update %d differs from what was typed", u.Seq)
		}
		c.unconfirmed = c.unconfirmed[1:]
		c.confirmed++
		c.inFlight = max(0, c.inFlight-1)
	} else if len(c.unconfirmed) == 0 {
		c.Doc = synced
	} else {
		over := u.Change
		for i, own := range c.unconfirmed {
			moved, err := own.Map(over, false)
			if err != nil {
				return err
			}
			if over, err = over.Map(own, true); err != nil {
				return err
			}
			c.unconfirmed[i] = moved
		}
		if c.Doc, err = over.Apply(c.Doc); err != nil {
			return err
		}
	}
	c.Synced, c.Version = synced, u.Version
	return nil
}

var words = []string{"م", "ُ", "ملتقى ", "خدمة\n", "\n", "😀", "👩‍🌾", "a", " the ", "٣", "- ", "\n\n## ", "تَقَى"}

// RandomEdit types, deletes or replaces somewhere in the text.
func RandomEdit(rnd *rand.Rand, doc changeset.Text) changeset.ChangeSet {
	for {
		n := doc.Len()
		from := rnd.IntN(n + 1)
		to := from
		if rnd.IntN(3) == 0 {
			to = min(n, from+rnd.IntN(12))
		}
		insert := ""
		if to == from || rnd.IntN(2) == 0 {
			insert = words[rnd.IntN(len(words))]
		}
		if from == to && insert == "" {
			continue
		}
		c, err := changeset.Replace(n, from, to, insert)
		if err != nil {
			continue
		}
		if _, err := c.Apply(doc); err == nil { // not inside a pair
			return c
		}
	}
}

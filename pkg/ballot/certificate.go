package ballot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/discussion"
	"github.com/multaqa/multaqa/pkg/event"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Certificate is the lasting record of a ballot: enough for anybody to count
// again and to check the rule (rules D1.16). It names persons by id, agencies
// by the names they had.
type Certificate struct {
	Format      string            `json:"format" doc:"multaqa.ballot-certificate.1"`
	Ballot      string            `json:"ballot"`
	Round       int64             `json:"round"`
	Previous    string            `json:"previous"`
	Subject     CertifiedSubject  `json:"subject"`
	Question    locale.Text       `json:"question"`
	Franchise   string            `json:"franchise"`
	WeightMode  string            `json:"weight_mode"`
	Secrecy     string            `json:"secrecy"`
	Threshold   Threshold         `json:"threshold"`
	Quorum      int               `json:"quorum" doc:"per cent of E−R"`
	OpenedAt    db.Time           `json:"opened_at"`
	ClosesAt    db.Time           `json:"closes_at" doc:"as planned last"`
	ClosedAt    db.Time           `json:"closed_at"`
	CloseCause  Cause             `json:"close_cause"`
	PreparedBy  string            `json:"prepared_by"`
	OpenedBy    string            `json:"opened_by"`
	CertifiedBy string            `json:"certified_by"`
	CertifiedAt db.Time           `json:"certified_at"`
	Tally       Tally             `json:"tally"`
	Arithmetic  []CertifiedLine   `json:"arithmetic"`
	Result      Result            `json:"result"`
	Sentence    locale.Text       `json:"sentence"`
	Discussion  string            `json:"discussion,omitempty" doc:"opened by a tie"`
	Votes       []CertifiedAgency `json:"votes"`
}

// CertifiedSubject is what was voted on; RevisionHash names the exact text.
type CertifiedSubject struct {
	Kind         string      `json:"kind"`
	ID           string      `json:"id"`
	Title        locale.Text `json:"title"`
	RevisionHash string      `json:"revision_hash"`
}

// CertifiedLine is one comparison of the count, written out.
type CertifiedLine struct {
	Rule string      `json:"rule" doc:"quorum or threshold"`
	Text locale.Text `json:"text"`
	Met  bool        `json:"met"`
}

// CertifiedAgency is a row of the electorate and its vote; choice is empty for
// an agency that did not vote.
type CertifiedAgency struct {
	Agency      string      `json:"agency"`
	Code        string      `json:"code"`
	Name        locale.Text `json:"name"`
	Weight      int64       `json:"weight" doc:"millionths"`
	Suspended   bool        `json:"suspended"`
	Choice      Choice      `json:"choice"`
	Reason      string      `json:"reason"`
	CastBy      string      `json:"cast_by"`
	ByPrincipal bool        `json:"by_principal"`
	CastAt      db.Time     `json:"cast_at"`
	Changes     int64       `json:"changes" doc:"how often the vote was changed"`
}

// Certify confirms the result of a closed ballot: it counts again, writes the
// certificate, and hands the result to the subject in the same transaction.
// Neither who prepared nor who opened the ballot may do it.
//
// Faults: ballot.not_found, policy.forbidden, ballot.certified_by_owner,
// ballot.illegal_step.
func (s *Service) Certify(ctx context.Context, actor policy.Actor, bid string) (Ballot, error) {
	return s.locked(ctx, actor, bid, policy.ReadBallot, func(tx *db.Tx, b *Ballot, electorate []Elector) error {
		facts := b.facts(electorate)
		if actor.Has(policy.SecretariatAdmin) && slices.Contains(facts.Authors, actor.Person) {
			return fault.New(fault.Forbidden, "ballot.certified_by_owner")
		}
		if err := policy.Check(actor, policy.CertifyBallot, facts); err != nil {
			return err
		}
		if b.State != Closed {
			return illegal(b)
		}
		votes, err := listVotes(ctx, tx, bid)
		if err != nil {
			return err
		}
		count := tally(electorate, votes[bid])
		if again := Outcome(count, b.Terms.Threshold, b.Terms.Quorum); again != b.Result {
			// Promise I4: what is shown is a recount of what is stored. Stop here.
			return fmt.Errorf("ballot %s closed as %s, its stored votes say %s", bid, b.Result, again)
		}
		b.State, b.CertifiedAt, b.CertifiedBy = Certified, tx.Now(), actor.Person
		agencies, err := member.AgenciesIn(ctx, tx)
		if err != nil {
			return err
		}
		body, err := json.Marshal(certificateOf(*b, count, electorate, votes[bid], agencies))
		if err != nil {
			return err
		}
		sum := sha256.Sum256(body)
		b.CertificateHash = hex.EncodeToString(sum[:])
		if err := update(ctx, tx, b); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update ballot set certificate = $2 where id = $1`, bid, string(body)); err != nil {
			return fmt.Errorf("write certificate: %w", err)
		}
		if err := insertStep(ctx, tx, bid, stepBy(actor, "certify", Closed, Certified, "", b.CertifiedAt)); err != nil {
			return err
		}
		sub, err := s.subject(b.SubjectKind)
		if err != nil {
			return err
		}
		final, err := tiedBefore(ctx, tx, *b)
		if err != nil {
			return err
		}
		if err := sub.Leave(ctx, tx, actor, *b, b.Result, final); err != nil {
			return err
		}
		if b.Previous != "" {
			// The round after a tie has decided what the discussion was about.
			if err := discussion.Settle(ctx, tx, discussion.Tie, b.Previous, b.ID); err != nil {
				return err
			}
		}
		return event.Append(ctx, tx, actor, BallotCertified{ID: bid, Subject: b.Subject.ID, Result: b.Result, Hash: b.CertificateHash})
	})
}

func certificateOf(b Ballot, count Tally, electorate []Elector, votes []Vote, agencies map[string]member.Agency) Certificate {
	c := Certificate{
		Format: "multaqa.ballot-certificate.1", Ballot: b.ID, Round: b.Round, Previous: b.Previous,
		Subject:  CertifiedSubject{Kind: b.SubjectKind, ID: b.Subject.ID, Title: b.Subject.Title, RevisionHash: b.Subject.Hash},
		Question: b.Terms.Question, Franchise: "agency", WeightMode: "equal", Secrecy: "open",
		Threshold: b.Terms.Threshold, Quorum: b.Terms.Quorum, OpenedAt: b.Terms.OpensAt, ClosesAt: b.Terms.ClosesAt, ClosedAt: b.ClosedAt,
		CloseCause: b.Cause, PreparedBy: b.Owner, OpenedBy: b.OpenedBy, CertifiedBy: b.CertifiedBy, CertifiedAt: b.CertifiedAt,
		Tally: count, Arithmetic: arithmeticOf(count, b.Terms), Result: b.Result, Sentence: sentenceOf(b, count), Discussion: b.Discussion, Votes: []CertifiedAgency{},
	}
	if c.OpenedBy == "" {
		c.OpenedBy = "system"
	}
	cast := map[string]Vote{}
	for _, v := range votes {
		cast[v.Agency] = v
	}
	for _, e := range electorate {
		a, v := agencies[e.Agency], cast[e.Agency]
		c.Votes = append(c.Votes, CertifiedAgency{Agency: e.Agency, Code: a.Code, Name: a.Name, Weight: e.Weight, Suspended: e.Suspended,
			Choice: v.Choice, Reason: v.Reason, CastBy: v.CastBy, ByPrincipal: v.ByPrincipal, CastAt: v.CastAt, Changes: max(v.N-1, 0)})
	}
	slices.SortFunc(c.Votes, func(x, y CertifiedAgency) int {
		if x.Code != y.Code && x.Code < y.Code {
			return -1
		} else if x.Code != y.Code {
			return 1
		}
		return 0
	})
	return c
}

// arithmeticOf writes out the quorum and every line of the threshold.
func arithmeticOf(t Tally, terms Terms) []CertifiedLine {
	met := QuorumMet(t, terms.Quorum)
	lines := []CertifiedLine{{Rule: "quorum", Met: met, Text: locale.BallotQuorum(t.C, int64(terms.Quorum), t.Base(), met)}}
	for _, c := range Arithmetic(t, terms.Threshold) {
		lines = append(lines, CertifiedLine{Rule: "threshold", Met: c.Met, Text: c.Words()})
	}
	return lines
}

// Words writes the comparison out in both languages.
func (c Comparison) Words() locale.Text {
	return locale.BallotComparison(c.LeftWords, c.Left, c.Sign, c.Met, c.RightWords, c.Right)
}

func sentenceOf(b Ballot, t Tally) locale.Text {
	return locale.BallotOutcome(locale.BallotCount{Result: string(b.Result), For: t.For, Against: t.Against, Abstain: t.Abstain, Recused: t.R,
		Absent: t.Waiting(), Cast: t.C, Needed: QuorumNeeded(t, b.Terms.Quorum), Base: t.Base(), Threshold: string(b.Terms.Threshold)})
}

// Certificate returns the certificate's bytes exactly as they were hashed, and
// the SHA-256 in hex.
//
// Faults: ballot.not_found, policy.forbidden, ballot.no_certificate.
func (s *Service) Certificate(ctx context.Context, actor policy.Actor, bid string) (body []byte, hash string, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		b, err := find(ctx, tx, bid)
		if err != nil {
			return err
		}
		if err := policy.Check(actor, policy.SeeVotes, b.facts(nil)); err != nil {
			return err
		}
		if b.State != Certified {
			return fault.New(fault.Conflict, "ballot.no_certificate").With("state", b.State)
		}
		hash = b.CertificateHash
		return tx.QueryRow(ctx, `select certificate from ballot where id = $1`, bid).Scan(&body)
	})
	return body, hash, err
}

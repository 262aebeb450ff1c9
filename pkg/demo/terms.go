package demo

import (
	"context"
	_ "embed" // terms.json
	"encoding/json"
	"fmt"

	"github.com/multaqa/multaqa/pkg/glossary"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/policy"
)

//go:embed terms.json
var termsJSON []byte

// seedTerms fills the glossary: the secretariat's terms, and two that an agency proposes.
func seedTerms(ctx context.Context, g *glossary.Service, secretariat, agency policy.Actor) error {
	var terms []struct {
		Ar, En string
		DefAr  string   `json:"def_ar"`
		DefEn  string   `json:"def_en"`
		NoAr   []string `json:"no_ar"`
		NoEn   []string `json:"no_en"`
	}
	if err := json.Unmarshal(termsJSON, &terms); err != nil {
		return fmt.Errorf("terms: %w", err)
	}
	for i, t := range terms {
		in := glossary.Input{Words: locale.Text{Ar: t.Ar, En: t.En}, Definition: locale.Text{Ar: t.DefAr, En: t.DefEn}}
		for _, w := range t.NoAr {
			in.Discouraged = append(in.Discouraged, glossary.Discouraged{Lang: "ar", Text: w})
		}
		for _, w := range t.NoEn {
			in.Discouraged = append(in.Discouraged, glossary.Discouraged{Lang: "en", Text: w})
		}
		actor := secretariat
		if i >= len(terms)-2 {
			actor = agency
		}
		if _, err := g.Propose(ctx, actor, in); err != nil {
			return fmt.Errorf("term %s: %w", t.En, err)
		}
	}
	return nil
}

package site

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/policy"
	"github.com/multaqa/multaqa/pkg/publish"
)

// kin is what a page knows of its text in another language. Arabic is authoritative (rules D3): a translation says where it is behind.
type kin struct {
	Original     *publish.Guide  // of a translation: the edition in force
	From         string          // the edition of it that the translation was made from; "" where that is not known
	Behind       int             // paragraphs of the translation that lag
	Translations []publish.Guide // of an original
	language     string
}

// kin finds the counterparts of a guide that the actor may read.
func (s *Site) kin(ctx context.Context, actor policy.Actor, g publish.Guide) (kin, error) {
	k := kin{language: g.Language}
	if g.Translates == "" {
		var err error
		k.Translations, err = s.Guides.Translations(ctx, actor, g.Guideline)
		return k, err
	}
	all, err := s.Guides.Editions(ctx, actor, g.Translates)
	for i, e := range all {
		if e.State == "published" || e.State == "withdrawn" {
			k.Original = &all[i]
		}
		if e.ID == g.MadeFrom {
			k.From = e.Number()
		}
	}
	return k, err
}

// shows is what of it decides what a page looks like.
func (k kin) shows() []string {
	out := []string{k.From}
	for _, g := range append(slices.Clone(k.Translations), k.of()...) {
		out = append(out, fmt.Sprint(g.ID, g.UpdatedAt))
	}
	return out
}

func (k kin) of() []publish.Guide {
	if k.Original == nil {
		return nil
	}
	return []publish.Guide{*k.Original}
}

// elsewhere are the paths of the counterparts by their languages.
func (k kin) elsewhere() map[string]string {
	out := map[string]string{}
	for _, g := range append(slices.Clone(k.Translations), k.of()...) {
		if g.Language != k.language {
			out[g.Language] = guideURL(g.Guideline, g.Number())
		}
	}
	return out
}

// remark is what a translation says of a paragraph that is behind.
type remark struct {
	What, Says, Link, Number, Lang, Dir string
	In                                  bool
}

// behind is the page of a translation with a remark at each paragraph that lags behind its original, which it counts.
func (s *Site) behind(ctx context.Context, actor policy.Actor, lang string, g publish.Guide, k *kin) ([]byte, error) {
	page := []byte(g.HTML)
	if k.Original == nil || k.From == "" {
		return page, nil
	}
	since, err := s.Guides.Since(ctx, actor, g.Translates, g.MadeFrom)
	if err != nil || len(since) == 0 {
		return page, err
	}
	texts := make([]publish.Text, len(since))
	for i, e := range since {
		texts[i] = publish.Text{Number: e.Number(), Blocks: publish.Blocks([]byte(e.HTML))}
	}
	blocks := publish.Blocks(page)
	lags := publish.Lagging(texts, blocks)
	k.Behind = len(lags)
	newest, dir := since[len(since)-1], "rtl"
	if lang == "en" {
		dir = "ltr"
	}
	type insert struct {
		at   int
		html []byte
	}
	var inserts []insert
	for _, l := range lags {
		r := remark{What: string(l.What), Says: locale.TranslationLag(string(l.What), l.Kind, digits(l.Number, lang)).In(lang), Lang: lang, Dir: dir,
			Link: guideURL(newest.Guideline, newest.Number())}
		if l.Clause != "" {
			r.Link += "#" + l.Clause
		}
		for _, c := range newest.Clauses {
			if c.ID == l.Clause && l.Clause != "" {
				r.Number = c.Number
			}
		}
		at := 0
		if l.Block >= 0 {
			b := blocks[l.Block]
			at, r.In = b.End, b.In
			if l.What == publish.AddedThere && b.Kind != l.Kind {
				at, r.In = b.Out, false // what follows a list is not in it
			}
		}
		var b bytes.Buffer
		if err := s.templates[lang].ExecuteTemplate(&b, "lag", r); err != nil {
			return nil, fmt.Errorf("remark on a translation: %w", err)
		}
		inserts = append(inserts, insert{at, b.Bytes()})
	}
	slices.SortStableFunc(inserts, func(a, b insert) int { return a.at - b.at })
	var out bytes.Buffer
	from := 0
	for _, in := range inserts {
		out.Write(page[from:in.at])
		out.Write(in.html)
		from = in.at
	}
	out.Write(page[from:])
	return out.Bytes(), nil
}

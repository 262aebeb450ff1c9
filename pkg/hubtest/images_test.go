package hubtest

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/multaqa/multaqa/pkg/changeset"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/draft"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/policy"
)

// picture is a PNG of one colour; n makes another picture of it.
func picture(n uint8) string {
	m := image.NewNRGBA(image.Rect(0, 0, 8, 8))
	for i := range 64 {
		m.SetNRGBA(i%8, i/8, color.NRGBA{R: n, G: 90, B: 160, A: 255})
	}
	var w bytes.Buffer
	_ = png.Encode(&w, m)
	return w.String()
}

func (w *World) upload(principal, draft, body string) (address string, a Answer) {
	a = w.Call(principal, "POST", "/api/v1/drafts/"+w.Objects[draft]+"/images", body)
	var out struct{ Address string }
	_ = json.Unmarshal([]byte(a.Body), &out)
	return out.Address, a
}

// An image is seen by whoever sees a text it belongs to; its address is no right.
func TestImagesAreSeenWithTheirTexts(t *testing.T) {
	w := NewWorld(t)
	private, a := w.upload("own-lead", "draft/own-private", picture(1))
	if a.Status != http.StatusOK || !strings.HasPrefix(private, "/files/") {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	if _, again := w.upload("own-rep", "draft/own-private", picture(1)); again.Body != a.Body {
		t.Errorf("the same picture twice: %s and %s", a.Body, again.Body)
	}
	for _, who := range outsiders {
		if a := w.Call(who, "GET", private, ""); a.Status != http.StatusNotFound {
			t.Errorf("%s sees an image that OWN keeps to itself: %d", who, a.Status)
		}
		if _, a := w.upload(who, "draft/own-private", picture(2)); a.Status != 404 && a.Status != 401 && a.Status != 403 {
			t.Errorf("%s puts an image into a text of OWN: %d %s", who, a.Status, a.Body)
		}
	}
	a = w.Call("own-rep", "GET", private, "")
	if a.Status != http.StatusOK || a.Header.Get("Cache-Control") != "private, no-store" || a.Header.Get("Content-Type") != "image/png" ||
		a.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(a.Header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("%d %v", a.Status, a.Header)
	}
	// The same picture in a text of the network is seen there, and still is one file.
	network, _ := w.upload("own-lead", "draft/own-network", picture(1))
	if network != private {
		t.Errorf("%s and %s", network, private)
	}
	if a := w.Call("third-rep", "GET", network, ""); a.Status != http.StatusOK {
		t.Errorf("a member of the network: %d", a.Status)
	}
	if a := w.Call("anonymous", "GET", network, ""); a.Status != http.StatusNotFound {
		t.Errorf("anonymous sees a draft's image: %d", a.Status)
	}
}

func TestImagesOfAPublicGuideArePublicWhenItShowsThem(t *testing.T) {
	w := NewWorld(t)
	ctx := context.Background()
	g := w.Hub.Guidelines
	lead := w.Actors["own-lead"]
	view, err := g.Create(ctx, lead, guideline.New{Title: words("pictured"), Summary: "summary", Language: "ar", Kind: "agency", Agency: lead.Agency, Template: "free", Text: "نص.\n"})
	w.ok(err)
	w.Objects["draft/pictured"] = view.Edition.Draft
	shown, _ := w.upload("own-lead", "draft/pictured", picture(3))
	kept, _ := w.upload("own-lead", "draft/pictured", picture(4))
	_, err = g.SetVisibility(ctx, lead, view.Guideline.ID, policy.ToPublic, nil)
	w.ok(err)
	for _, at := range []string{shown, kept} {
		if a := w.Call("anonymous", "GET", at, ""); a.Status != http.StatusNotFound {
			t.Errorf("before publishing: %d", a.Status)
		}
	}
	insert := "![خريطة](" + shown + ")\n\n"
	_, err = w.Hub.Drafts.Edit(ctx, lead, view.Edition.Draft, func(_ context.Context, _ *db.Tx, now draft.Now) ([]draft.Part, error) {
		c, err := changeset.Replace(now.Text.Len(), 0, 0, insert)
		return []draft.Part{{Credit: draft.CreditOf(lead), Change: c}}, err
	})
	w.ok(err)
	_, err = g.Do(ctx, w.Actors["secretariat"], view.Edition.ID, guideline.ForcePublish, guideline.Request{Reason: "اختبار النشر العاجل للدليل", ReviewBy: db.At(time.Now().AddDate(1, 0, 0))})
	w.ok(err)
	if a := w.Call("anonymous", "GET", shown, ""); a.Status != http.StatusOK || !strings.HasPrefix(a.Header.Get("Cache-Control"), "public") || a.Header.Get("ETag") == "" {
		t.Errorf("published: %d %v", a.Status, a.Header)
	}
	if a := w.Call("anonymous", "GET", kept, ""); a.Status != http.StatusNotFound {
		t.Errorf("an image that no published text shows: %d", a.Status)
	}
	if a := w.Call("anonymous", "GET", "/guides/"+view.Guideline.ID+"/e/1.0", ""); !strings.Contains(a.Body, `src="`+shown+`"`) {
		t.Errorf("the page does not show it: %d", a.Status)
	}
	w.ok(w.Hub.DB.Transact(ctx, func(tx *db.Tx) error { return g.SetHidden(ctx, tx, w.Actors["moderator"], view.Guideline.ID, true) }))
	if a := w.Call("anonymous", "GET", shown, ""); a.Status != http.StatusNotFound {
		t.Errorf("of a hidden guide: %d", a.Status)
	}
}

func TestImagesRefuseWhatIsNone(t *testing.T) {
	w := NewWorld(t)
	for body, code := range map[string]string{
		"<svg xmlns='http://www.w3.org/2000/svg'/>": "media.unknown_type",
		"":              "media.unknown_type",
		picture(1)[:60]: "media.broken",
		"\x89PNG\r\n\x1a\n" + strings.Repeat("x", 10<<20): "media.too_large",
	} {
		if _, a := w.upload("own-lead", "draft/own-private", body); a.Code() != code {
			t.Errorf("%.20q: %d %s, want %s", body, a.Status, a.Code(), code)
		}
	}
	for _, at := range []string{"/files/x.png", "/files/", "/files/../../etc/passwd", "/files/" + strings.Repeat("0", 64) + ".png", "/files/" + strings.Repeat("0", 64) + ".svg"} {
		if a := w.Call("own-lead", "GET", at, ""); a.Status != http.StatusNotFound && a.Status != http.StatusMovedPermanently && a.Status != http.StatusBadRequest {
			t.Errorf("%s: %d", at, a.Status)
		}
	}
}

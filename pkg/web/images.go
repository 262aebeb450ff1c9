package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"path"
	"reflect"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/media"
	"github.com/multaqa/multaqa/pkg/policy"
)

// ImagesAPI brings images into drafts. They are served under /files/, outside
// of the API, because texts refer to them.
type ImagesAPI struct{ Media *media.Service }

// Routes registers the resource.
func (a *ImagesAPI) Routes(r *Router) {
	Upload(r, "/drafts/:id/images", policy.WriteDraft, "Put an image into a text: the body is the image, at most 10 MB of PNG, JPEG, GIF or WebP", media.MaxBytes, a.add)
}

type imageOut struct {
	Address string `json:"address" doc:"for the text: ![words](address)"`
	Type    string `json:"type"`
	Size    int64  `json:"size" doc:"bytes as stored"`
	Width   int    `json:"width" doc:"pixels"`
	Height  int    `json:"height" doc:"pixels"`
}

func (a *ImagesAPI) add(c *Call, body []byte) (imageOut, error) {
	i, err := a.Media.Add(c.Ctx, c.Actor, c.Param("id"), body)
	return imageOut{Address: i.Address(), Type: i.Type, Size: i.Size, Width: i.Width, Height: i.Height}, err
}

// Upload registers a route whose body is a file of at most limit bytes.
func Upload[Out any](r *Router, route string, action policy.Action, summary string, limit int64, h func(c *Call, body []byte) (Out, error)) {
	as := Route{Method: http.MethodPost, Path: route, Action: action, Summary: summary, File: true, Out: reflect.TypeFor[Out]()}
	r.add(as, func(g *gin.Context) {
		c, ok := r.edge.begin(g, action)
		if !ok {
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(g.Writer, g.Request.Body, limit))
		var tooLarge *http.MaxBytesError
		switch {
		case errors.As(err, &tooLarge):
			r.edge.fail(c, fault.New(fault.TooLarge, "media.too_large"))
			return
		case err != nil:
			r.edge.fail(c, fault.New(fault.Invalid, "request.unreadable"))
			return
		}
		r.edge.once(c, as, body, r.again[as.Out], func(ctx context.Context) (any, error) {
			c.Ctx = ctx
			return h(c, body)
		})
	})
}

// Images serves the images of texts to whoever may see them.
func Images(e *Edge, m *media.Service) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			e.refuse(w, r, fault.New(fault.NotAllowed, "request.not_allowed"))
			return
		}
		h := w.Header()
		h.Set("Cache-Control", "private, no-store")
		h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
		img, f, public, err := m.Open(r.Context(), e.ActorOf(r), path.Base(r.URL.Path))
		if err != nil {
			if fault.Of(err) == nil {
				e.Log.Error("serve image", "error", err)
				e.refuse(w, r, fault.New(fault.Internal, "request.internal"))
				return
			}
			e.refuse(w, r, fault.New(fault.NotFound, "request.not_found"))
			return
		}
		defer f.Close()
		if public {
			// A guide can be taken back, so nobody keeps its images for long.
			h.Set("Cache-Control", "public, max-age=300")
		}
		h.Set("Content-Type", img.Type)
		h.Set("Content-Disposition", "inline")
		h.Set("ETag", `"`+img.Hash+`"`)
		http.ServeContent(w, r, "", time.Time{}, f)
	})
}

package media

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/draw"
	_ "image/gif" // decoder
	"image/jpeg"
	"image/png"
	"net/http"

	xdraw "golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // decoder

	"github.com/multaqa/multaqa/pkg/fault"
)

// Bounds of an image that is brought in.
const (
	MaxBytes  = 10 << 20   // as uploaded
	maxPixels = 24_000_000 // as uploaded; 96 MB decoded
	maxSide   = 2400       // pixels, as stored
)

// types are the types that are stored, by content, with the ending of their
// address.
var types = map[string]string{"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}

// Ending is the ending of an image type's address, "" for a type that is not
// stored.
func Ending(kind string) string { return types[kind] }

// Clean is an image as it is stored.
type Clean struct {
	Bytes         []byte
	Type          string // image/png or image/jpeg
	Width, Height int    // pixels
}

// Cleaned decodes an image within bounds and encodes it anew, upright and with
// nothing but its pixels. Photographs become JPEG, everything else PNG; of a
// moving picture the first frame stays.
//
// Faults: media.too_large, media.unknown_type, media.too_many_pixels,
// media.broken.
func Cleaned(b []byte) (Clean, error) {
	if len(b) > MaxBytes {
		return Clean{}, fault.New(fault.TooLarge, "media.too_large").With("limit", MaxBytes)
	}
	kind := http.DetectContentType(b)
	if types[kind] == "" {
		return Clean{}, fault.New(fault.Invalid, "media.unknown_type")
	}
	conf, format, err := image.DecodeConfig(bytes.NewReader(b))
	if err != nil || conf.Width < 1 || conf.Height < 1 {
		return Clean{}, fault.New(fault.Invalid, "media.broken")
	}
	if conf.Width > maxPixels/conf.Height {
		return Clean{}, fault.New(fault.TooLarge, "media.too_many_pixels").With("limit", maxPixels)
	}
	// Of a GIF, image.Decode reads the first frame only.
	img, _, err := image.Decode(bytes.NewReader(b))
	if err != nil || img.Bounds().Dx() > conf.Width || img.Bounds().Dy() > conf.Height {
		return Clean{}, fault.New(fault.Invalid, "media.broken")
	}
	img = smaller(img)
	if format == "jpeg" {
		img = upright(img, orientation(b))
	}
	out := Clean{Width: img.Bounds().Dx(), Height: img.Bounds().Dy(), Type: "image/png"}
	var w bytes.Buffer
	if format == "jpeg" || format == "webp" && opaque(img) {
		out.Type = "image/jpeg"
		err = jpeg.Encode(&w, img, &jpeg.Options{Quality: 86})
	} else {
		err = png.Encode(&w, img)
	}
	out.Bytes = w.Bytes()
	return out, err
}

func opaque(img image.Image) bool {
	o, ok := img.(interface{ Opaque() bool })
	return ok && o.Opaque()
}

// smaller scales an image down to what a page can use.
func smaller(img image.Image) image.Image {
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	long := max(w, h)
	if long <= maxSide {
		return img
	}
	to := image.NewNRGBA(image.Rect(0, 0, max(1, w*maxSide/long), max(1, h*maxSide/long)))
	xdraw.ApproxBiLinear.Scale(to, to.Bounds(), img, img.Bounds(), draw.Src, nil)
	return to
}

// upright turns an image as its camera said it was held: EXIF orientation 1 to
// 8, which goes with the rest of the camera's notes.
func upright(img image.Image, o int) image.Image {
	if o < 2 || o > 8 {
		return img
	}
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	size := image.Rect(0, 0, w, h)
	if o >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	to := image.NewNRGBA(size)
	for y := range h {
		for x := range w {
			tx, ty := x, y
			switch o {
			case 2:
				tx = w - 1 - x
			case 3:
				tx, ty = w-1-x, h-1-y
			case 4:
				ty = h - 1 - y
			case 5:
				tx, ty = y, x
			case 6:
				tx, ty = h-1-y, x
			case 7:
				tx, ty = h-1-y, w-1-x
			case 8:
				tx, ty = y, w-1-x
			}
			to.Set(tx, ty, img.At(b.Min.X+x, b.Min.Y+y))
		}
	}
	return to
}

// orientation reads EXIF tag 0x0112 of a JPEG (CIPA DC-008 §4.6.4); 1 when it
// is not there or not understood.
func orientation(b []byte) int {
	for i := 2; i+4 <= len(b) && b[i] == 0xff; {
		marker, n := b[i+1], int(binary.BigEndian.Uint16(b[i+2:]))
		if marker == 0xda || n < 2 || i+2+n > len(b) {
			return 1
		}
		seg := b[i+4 : i+2+n]
		if marker == 0xe1 && bytes.HasPrefix(seg, []byte("Exif\x00\x00")) {
			return tiffOrientation(seg[6:])
		}
		i += 2 + n
	}
	return 1
}

func tiffOrientation(t []byte) int {
	if len(t) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.LittleEndian
	if t[0] == 'M' {
		order = binary.BigEndian
	}
	at := int64(order.Uint32(t[4:]))
	if at+2 > int64(len(t)) {
		return 1
	}
	entries := int64(order.Uint16(t[at:]))
	for i := range entries {
		e := at + 2 + i*12
		if e+12 > int64(len(t)) {
			return 1
		}
		if order.Uint16(t[e:]) == 0x0112 {
			return int(order.Uint16(t[e+8:]))
		}
	}
	return 1
}

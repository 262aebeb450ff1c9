package media

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"github.com/multaqa/multaqa/pkg/fault"
)

// half is red on the left and blue on the right.
func half(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{R: 220, A: 255}
			if x >= w/2 {
				c = color.NRGBA{B: 220, A: 255}
			}
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

func pngOf(t *testing.T, m image.Image) []byte {
	t.Helper()
	var w bytes.Buffer
	if err := png.Encode(&w, m); err != nil {
		t.Fatal(err)
	}
	return w.Bytes()
}

// jpegOf is a JPEG with an EXIF note: how the camera was held, and words.
func jpegOf(t *testing.T, m image.Image, orientation uint16, words string) []byte {
	t.Helper()
	var w bytes.Buffer
	if err := jpeg.Encode(&w, m, nil); err != nil {
		t.Fatal(err)
	}
	exif := []byte("Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01")
	exif = binary.BigEndian.AppendUint16(exif, orientation)
	exif = append(append(exif, 0, 0, 0, 0, 0, 0), words...)
	b := w.Bytes()
	out := append([]byte{}, b[:2]...)
	out = append(out, 0xff, 0xe1)
	out = binary.BigEndian.AppendUint16(out, uint16(len(exif)+2))
	return append(append(out, exif...), b[2:]...)
}

func TestCleanedKeepsNothingButPixels(t *testing.T) {
	secret := "GPS 25.2048 55.2708"
	c, err := Cleaned(jpegOf(t, half(40, 20), 1, secret))
	if err != nil || c.Type != "image/jpeg" || c.Width != 40 || c.Height != 20 {
		t.Fatalf("%+v, %v", c, err)
	}
	if bytes.Contains(c.Bytes, []byte(secret)) || bytes.Contains(c.Bytes, []byte("Exif")) {
		t.Error("the camera's notes are still there")
	}
	tail := append(pngOf(t, half(8, 8)), "<script>alert(1)</script>"...)
	c, err = Cleaned(tail)
	if err != nil || bytes.Contains(c.Bytes, []byte("script")) {
		t.Errorf("what stood behind the picture: %v", err)
	}
	again, err := Cleaned(tail)
	if err != nil || Digest(again.Bytes) != Digest(c.Bytes) {
		t.Error("the same picture twice is two files")
	}
}

func TestCleanedTurnsPhotographsUpright(t *testing.T) {
	// Orientation 6: to be turned a quarter clockwise, so what was left is above.
	c, err := Cleaned(jpegOf(t, half(40, 20), 6, ""))
	if err != nil || c.Width != 20 || c.Height != 40 {
		t.Fatalf("%+v, %v", c, err)
	}
	m, err := jpeg.Decode(bytes.NewReader(c.Bytes))
	if err != nil {
		t.Fatal(err)
	}
	top, _, topBlue, _ := m.At(10, 5).RGBA()
	low, _, lowBlue, _ := m.At(10, 35).RGBA()
	if top < topBlue || low > lowBlue {
		t.Errorf("red %d above blue %d, red %d below blue %d", top, topBlue, low, lowBlue)
	}
}

func TestCleanedMakesLargePicturesSmaller(t *testing.T) {
	c, err := Cleaned(pngOf(t, image.NewPaletted(image.Rect(0, 0, 4800, 1200), color.Palette{color.Black, color.White})))
	if err != nil || c.Width != maxSide || c.Height != maxSide/4 {
		t.Errorf("%d × %d, %v", c.Width, c.Height, err)
	}
}

func TestCleanedRefuses(t *testing.T) {
	// A PNG that says it is enormous and has no pixels.
	bomb := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x01\x00\x00\x00\x01\x00\x00\x08\x06\x00\x00\x00")
	bomb = binary.BigEndian.AppendUint32(bomb, crc32.ChecksumIEEE(bomb[12:]))
	good := pngOf(t, half(30, 30))
	for name, x := range map[string]struct {
		b    []byte
		code string
	}{
		"SVG":                      {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "media.unknown_type"},
		"a page named as an image": {[]byte("<html><img></html>"), "media.unknown_type"},
		"a PDF":                    {[]byte("%PDF-1.7\n"), "media.unknown_type"},
		"nothing":                  {nil, "media.unknown_type"},
		"a cut file":               {good[:len(good)/2], "media.broken"},
		"only a signature":         {good[:8], "media.broken"},
		"too many pixels":          {bomb, "media.too_many_pixels"},
		"too many bytes":           {append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, MaxBytes)...), "media.too_large"},
	} {
		if _, err := Cleaned(x.b); !fault.Is(err, x.code) {
			t.Errorf("%s: %v, want %s", name, err, x.code)
		}
	}
}

func TestCleanedTakesTheFirstFrameOfAMovingPicture(t *testing.T) {
	pal := color.Palette{color.Black, color.White}
	frame := image.NewPaletted(image.Rect(0, 0, 6, 4), pal)
	var w bytes.Buffer
	if err := gif.EncodeAll(&w, &gif.GIF{Image: []*image.Paletted{frame, frame, frame}, Delay: []int{1, 1, 1}}); err != nil {
		t.Fatal(err)
	}
	c, err := Cleaned(w.Bytes())
	if err != nil || c.Type != "image/png" || c.Width != 6 {
		t.Errorf("%+v, %v", c.Type, err)
	}
}

func FuzzCleaned(f *testing.F) {
	f.Add([]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00"))
	f.Add([]byte("RIFF\x00\x00\x00\x00WEBPVP8 "))
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x10Exif\x00\x00MM\x00\x2a"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := Cleaned(b)
		if err == nil && (c.Width < 1 || c.Width > maxSide || !strings.HasPrefix(c.Type, "image/")) {
			t.Fatalf("%+v", c)
		}
		if err != nil && fault.Of(err) == nil {
			t.Fatal(err)
		}
	})
}

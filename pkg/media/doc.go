// Package media keeps the images of texts. An image is taken by what it is, not by what it is called: it is decoded
// within bounds, turned upright, made smaller where it is larger than a page can use, and encoded anew, so that nothing
// of what came with it (places, names, scripts, a second file behind the first) stays. SVG is refused.
//
// The bytes lie in the data directory under the SHA-256 of what is stored, and are only ever added. Who may see one
// follows the texts: an image belongs to the guidelines that people put it into, and is seen by whoever may read a
// published text that shows it or the living text of such a guideline. Knowing the address is no right.
//
// A Service is safe for concurrent use; at most two images are decoded at a time.
package media

// Package site is the published side of the hub: pages rendered on the server
// that work without JavaScript, in Arabic and English, on paper and in the
// dark. It knows no rule: package publish says what may be read.
//
//	/library                      the guides in force, with search
//	/guides/GUIDELINE             the current edition (redirects)
//	/guides/GUIDELINE/e/NUMBER    one edition, for good
package site

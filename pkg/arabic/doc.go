// Package arabic holds what the hub knows of Arabic writing: folding for
// search (rules D11), light stems, sort keys, the direction of a text, digits,
// and Umm al-Qura dates. Everything is a pure function and safe for concurrent
// use.
package arabic

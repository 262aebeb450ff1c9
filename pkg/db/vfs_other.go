//go:build !linux || !(amd64 || arm64)

package db

func vfs() string { return "" }

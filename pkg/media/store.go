package media

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
)

// Path is the address below which images are served.
const Path = "/files/"

// Dir is the folder of the data directory that holds people's files.
const Dir = "files"

// Digest is the name that bytes are stored under.
func Digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Address is where an image is served: "/files/<hash>.png".
func Address(hash, kind string) string { return Path + hash + "." + types[kind] }

// File is where the bytes of a hash lie.
func File(dataDir, hash string) string { return filepath.Join(dataDir, Dir, hash[:2], hash) }

// Put writes bytes under their hash, whole or not at all.
func Put(dataDir, hash string, b []byte) error {
	to := File(dataDir, hash)
	if _, err := os.Stat(to); err == nil {
		return nil
	}
	dir := filepath.Dir(to)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dir, ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(b)
	if err := errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), to)
}

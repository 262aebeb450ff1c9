//go:build linux && (amd64 || arm64)

package db

import (
	"sync"
	"syscall"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// The driver's SQLite is built without HAVE_FDATASYNC, which SQLite's own configure would have found: every commit also writes the inode
// of the write-ahead log, whose time has changed, in a second write to disk. This file system is the driver's own but for that: the log is
// synced with fdatasync, which writes the size when that has changed, and everything that can be read again.

const vfsName = "multaqa"

// methods are those of an open log: the driver's own, with our sync. Set once, by the first log that is opened.
var methods struct {
	sync.Mutex
	own, ours uintptr
	open      uintptr // the driver's
	sync      uintptr
}

// vfs registers the file system and returns its name for a connection's address, "" when the driver's own has to do.
var vfs = sync.OnceValue(func() string {
	tls := libc.NewTLS() // stays: what it allocates does
	base := sqlite3.Xsqlite3_vfs_find(tls, 0)
	if base == 0 {
		return ""
	}
	name, err := libc.CString(vfsName)
	if err != nil {
		return ""
	}
	v := *at[sqlite3.Tsqlite3_vfs](base)
	methods.open = v.FxOpen
	v.FpNext, v.FzName = 0, name
	v.FxOpen = pointer(openFile)
	p := keep(tls, v)
	if p == 0 || sqlite3.Xsqlite3_vfs_register(tls, p, 0) != sqlite3.SQLITE_OK {
		return ""
	}
	return vfsName
})

func openFile(tls *libc.TLS, vfs, name, file uintptr, flags int32, outFlags uintptr) int32 {
	open := function[func(*libc.TLS, uintptr, uintptr, uintptr, int32, uintptr) int32](methods.open)
	rc := open(tls, vfs, name, file, flags, outFlags)
	if rc != sqlite3.SQLITE_OK || flags&sqlite3.SQLITE_OPEN_WAL == 0 {
		return rc
	}
	f := at[sqlite3.TunixFile](file)
	methods.Lock()
	defer methods.Unlock()
	if methods.ours == 0 {
		m := *at[sqlite3.Tsqlite3_io_methods](f.FpMethod)
		methods.own, methods.sync = f.FpMethod, m.FxSync
		m.FxSync = pointer(syncFile)
		methods.ours = keep(tls, m)
	}
	if methods.ours != 0 && f.FpMethod == methods.own {
		f.FpMethod = methods.ours
	}
	return rc
}

func syncFile(tls *libc.TLS, file uintptr, flags int32) int32 {
	const dirSync = 0x08 // UNIXFILE_DIRSYNC: the file is new, and so is its name
	f := at[sqlite3.TunixFile](file)
	if f.FctrlFlags&dirSync != 0 {
		return function[func(*libc.TLS, uintptr, int32) int32](methods.sync)(tls, file, flags)
	}
	for {
		err := syscall.Fdatasync(int(f.Fh))
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			// Not again with fsync: the kernel tells an error once.
			return sqlite3.SQLITE_IOERR_FSYNC
		}
		return sqlite3.SQLITE_OK
	}
}

// at is the C struct at an address.
func at[T any](p uintptr) *T { return *(**T)(unsafe.Pointer(&p)) }

// keep copies a struct to memory of C's that is never freed.
func keep[T any](tls *libc.TLS, v T) uintptr {
	p := libc.Xmalloc(tls, libc.Tsize_t(unsafe.Sizeof(v)))
	if p != 0 {
		*at[T](p) = v
	}
	return p
}

// pointer makes a C function pointer, as the translated C code has them, of a function of the program's top level; function is the way back.
func pointer(f any) uintptr {
	type iface [2]uintptr
	return (*iface)(unsafe.Pointer(&f))[1]
}

func function[F any](p uintptr) F {
	return *(*F)(unsafe.Pointer(&p))
}

package mail

import (
	"encoding/binary"
	"errors"
	"sync/atomic"
	"unsafe"
)

// Ref names one try of a delivery: the batch and its attempt it belongs to.
type Ref struct {
	Delivery int64
	Batch    int64
	Attempt  int
}

type kind uint8

const (
	kindBegun    kind = 1 // the final dot may go out from now on
	kindAccepted kind = 2 // the server said 250
	kindRefused  kind = 3 // the server did not take it, or never saw the dot
	kindFinished kind = 4 // the batch's results are in the database
)

// recordSize is four words: head, delivery, batch, check. The head is stored last, so that a
// process killed between two stores leaves an empty record, never half a one.
const recordSize = 32

type record struct {
	kind kind
	ref  Ref
}

func (r record) head() uint64 { return uint64(r.kind) | uint64(uint32(r.ref.Attempt))<<8 }

func (r record) check() uint64 {
	x := r.head()*0x9e3779b97f4a7c15 ^ uint64(r.ref.Delivery)
	x = (x^x>>29)*0xbf58476d1ce4e5b9 ^ uint64(r.ref.Batch)
	return (x ^ x>>32) * 0x94d049bb133111eb
}

// put stores a record by atomic words into the mapped place at.
func (r record) put(at []byte) {
	word(at, 1).Store(uint64(r.ref.Delivery))
	word(at, 2).Store(uint64(r.ref.Batch))
	word(at, 3).Store(r.check())
	word(at, 0).Store(r.head())
}

// word is the nth word of a mapped record; the map begins on a page, records on 32 bytes.
func word(at []byte, n int) *atomic.Uint64 {
	return (*atomic.Uint64)(unsafe.Pointer(&at[n*8 : n*8+8][0]))
}

var errRecord = errors.New("a record fails its check")

// parseRecord reads a stored record; ok is false for an empty place.
func parseRecord(at []byte) (r record, ok bool, err error) {
	head := binary.NativeEndian.Uint64(at)
	if head == 0 {
		return r, false, nil
	}
	r.kind = kind(head)
	r.ref = Ref{
		Delivery: int64(binary.NativeEndian.Uint64(at[8:])),
		Batch:    int64(binary.NativeEndian.Uint64(at[16:])),
		Attempt:  int(uint32(head >> 8)),
	}
	if r.kind < kindBegun || r.kind > kindFinished || r.check() != binary.NativeEndian.Uint64(at[24:]) {
		return r, false, errRecord
	}
	return r, true, nil
}

type batchKey struct {
	batch   int64
	attempt int
}

// fold tells what the records of a half say of every batch that is not finished: per delivery
// the last word, kindBegun or kindAccepted.
func fold(half []byte) (map[batchKey]map[int64]kind, error) {
	open := map[batchKey]map[int64]kind{}
	for at := half; len(at) >= recordSize; at = at[recordSize:] {
		r, ok, err := parseRecord(at)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		key := batchKey{r.ref.Batch, r.ref.Attempt}
		if r.kind == kindFinished {
			delete(open, key)
			continue
		}
		if open[key] == nil {
			open[key] = map[int64]kind{}
		}
		switch r.kind {
		case kindRefused:
			delete(open[key], r.ref.Delivery)
		default:
			open[key][r.ref.Delivery] = r.kind
		}
	}
	return open, nil
}

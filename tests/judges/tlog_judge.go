// Judges a published log with Go's own transparency log: note, tlog (golang.org/x/mod/sumdb).
//
//	judge DIR OLD PROOF    the directory, an earlier checkpoint of it, a .tlog-proof
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func fail(what string, err error) {
	fmt.Printf("%s: %v\n", what, err)
	os.Exit(1)
}

func read(path string) []byte {
	bytes, err := os.ReadFile(path)
	if err != nil {
		fail("read", err)
	}
	return bytes
}

// A checkpoint: origin, size, root; the note's signature is checked by note.Open.
func checkpoint(bytes []byte, known note.Verifiers) (int64, tlog.Hash) {
	opened, err := note.Open(bytes, known)
	if err != nil {
		fail("note", err)
	}
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		fail("size", err)
	}
	return size, hash(lines[2])
}

func hash(text string) (h tlog.Hash) {
	bytes, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(bytes) != len(h) {
		fail("hash", fmt.Errorf("%q", text))
	}
	copy(h[:], bytes)
	return h
}

// The tiles of a directory; Go writes tile/8/L/N where C2SP writes tile/L/N.
type directory string

func (d directory) Height() int { return 8 }

func (d directory) SaveTiles([]tlog.Tile, [][]byte) {}

func (d directory) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		bytes, err := os.ReadFile(string(d) + "/tile/" + strings.TrimPrefix(tile.Path(), "tile/8/"))
		if err != nil {
			return nil, err
		}
		all = append(all, bytes)
	}
	return all, nil
}

func main() {
	dir := os.Args[1]
	verifier, err := note.NewVerifier(strings.TrimSpace(string(read(dir + "/log.vkey"))))
	if err != nil {
		fail("verifier key", err)
	}
	known := note.VerifierList(verifier)
	size, root := checkpoint(read(dir+"/checkpoint"), known)
	if _, err := note.Open(read(dir+"/log.header"), known); err != nil {
		fail("header note", err)
	}
	if _, err := note.Open(bytes.Replace(read(dir+"/checkpoint"), []byte("\n"), []byte(".\n"), 1), known); err == nil {
		fail("note", fmt.Errorf("a changed checkpoint was accepted"))
	}
	reader := tlog.TileHashReader(tlog.Tree{N: size, Hash: root}, directory(dir))
	entries := 0
	for bundle := int64(0); bundle*256 < size; bundle++ {
		tile := tlog.Tile{H: 8, L: -1, N: bundle, W: 256}
		if left := size - bundle*256; left < 256 {
			tile.W = int(left)
		}
		path := strings.Replace(strings.TrimPrefix(tile.Path(), "tile/8/"), "data/", "entries/", 1)
		bytes := read(dir + "/tile/" + path)
		var indexes []int64
		var leaves []tlog.Hash
		for len(bytes) > 0 {
			length := int(binary.BigEndian.Uint16(bytes))
			leaves = append(leaves, tlog.RecordHash(bytes[2:2+length]))
			indexes = append(indexes, tlog.StoredHashIndex(0, int64(entries)))
			bytes = bytes[2+length:]
			entries++
		}
		hashes, err := reader.ReadHashes(indexes)
		if err != nil {
			fail("tiles", err)
		}
		for n := range hashes {
			if hashes[n] != leaves[n] {
				fail("leaf", fmt.Errorf("entry %d", indexes[n]))
			}
		}
	}
	if int64(entries) != size {
		fail("entries", fmt.Errorf("%d, want %d", entries, size))
	}
	oldSize, oldRoot := checkpoint(read(os.Args[2]), known)
	proof, err := tlog.ProveTree(size, oldSize, reader)
	if err == nil {
		err = tlog.CheckTree(proof, size, root, oldSize, oldRoot)
	}
	if err != nil {
		fail("consistency", err)
	}
	oldRoot[0] ^= 1
	if tlog.CheckTree(proof, size, root, oldSize, oldRoot) == nil {
		fail("consistency", fmt.Errorf("another old root was accepted"))
	}
	index := inclusion(string(read(os.Args[3])), known)
	fmt.Printf("note, header note, %d entries by their tiles, consistency %d to %d, inclusion of entry %d: accepted; three changed ones refused\n", entries, oldSize, size, index)
}

// A proof file (c2sp.org/tlog-proof): lines, an empty line, the checkpoint.
func inclusion(text string, known note.Verifiers) int64 {
	head, signed, _ := strings.Cut(text, "\n\n")
	size, root := checkpoint([]byte(signed), known)
	lines := strings.Split(head, "\n")
	var entry []byte
	var index int64
	var proof tlog.RecordProof
	for _, line := range lines[1:] {
		if extra, is := after(line, "extra "); is {
			// The entry, then its signer's public key.
			both, _ := base64.StdEncoding.DecodeString(extra)
			entry = both[:len(both)-32]
		} else if number, is := after(line, "index "); is {
			index, _ = strconv.ParseInt(number, 10, 64)
		} else {
			proof = append(proof, hash(line))
		}
	}
	if err := tlog.CheckRecord(proof, size, root, index, tlog.RecordHash(entry)); err != nil {
		fail("inclusion", err)
	}
	entry[len(entry)-1] ^= 1
	if tlog.CheckRecord(proof, size, root, index, tlog.RecordHash(entry)) == nil {
		fail("inclusion", fmt.Errorf("another entry was accepted"))
	}
	return index
}

// strings.CutPrefix, which Go 1.19 does not have.
func after(line, prefix string) (string, bool) {
	return strings.TrimPrefix(line, prefix), strings.HasPrefix(line, prefix)
}

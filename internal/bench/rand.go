package bench

import (
	"math/bits"
	"math/rand/v2"
)

// rnd draws from a PCG. Only Uint64 of the library is used: its other methods may change.
type rnd struct{ pcg *rand.PCG }

func newRnd(seed, stream uint64) rnd {
	return rnd{rand.NewPCG(mix(seed), mix(stream^0x9e3779b97f4a7c15))}
}

// n draws from 0..n-1.
func (r rnd) n(n int) int {
	hi, _ := bits.Mul64(r.pcg.Uint64(), uint64(n))
	return int(hi)
}

// percent is true p times in 100.
func (r rnd) percent(p int) bool { return r.n(100) < p }

// skewed draws a positive number below 1<<limit whose size in bits is uniform.
func (r rnd) skewed(limit int) int {
	b := 1 + r.n(limit)
	return 1 + int(r.pcg.Uint64()>>(64-b))
}

// mix hashes a number (the finaliser of splitmix64).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// mixAll hashes several numbers.
func mixAll(xs ...uint64) uint64 {
	h := uint64(0)
	for _, x := range xs {
		h = mix(h ^ x)
	}
	return h
}

const hexDigits = "0123456789abcdef"

// appendHex appends n hex digits made of h.
func appendHex(dst []byte, h uint64, n int) []byte {
	for i := range n {
		if i%16 == 0 && i > 0 {
			h = mix(h)
		}
		dst = append(dst, hexDigits[h>>(60-4*(i%16))&15])
	}
	return dst
}

const base32Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

// appendBase32 appends n characters as in AWS's identifiers.
func appendBase32(dst []byte, h uint64, n int) []byte {
	for i := range n {
		if i%12 == 0 && i > 0 {
			h = mix(h)
		}
		dst = append(dst, base32Digits[h>>(5*(i%12))&31])
	}
	return dst
}

const base64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

func appendBase64(dst []byte, h uint64, n int) []byte {
	for i := range n {
		if i%10 == 0 && i > 0 {
			h = mix(h)
		}
		dst = append(dst, base64Digits[h>>(6*(i%10))&63])
	}
	return dst
}

// appendUUID appends a UUID of version 4.
func appendUUID(dst []byte, h, l uint64) []byte {
	dst = appendHex(dst, h, 8)
	dst = append(dst, '-')
	dst = appendHex(dst, h<<32, 4)
	dst = append(dst, "-4"...)
	dst = appendHex(dst, h<<48, 3)
	dst = append(dst, '-', "89ab"[l>>62])
	dst = appendHex(dst, l<<2, 3)
	dst = append(dst, '-')
	return appendHex(dst, l<<16, 12)
}

func (r rnd) appendUUID(dst []byte) []byte { return appendUUID(dst, r.pcg.Uint64(), r.pcg.Uint64()) }

// zipf draws indices with weights 1, 1/2, 1/3 …
type zipf struct{ sum []uint64 }

func newZipf(n int) zipf {
	z := zipf{make([]uint64, n)}
	total := uint64(0)
	for i := range z.sum {
		total += 1 << 32 / uint64(i+1)
		z.sum[i] = total
	}
	return z
}

// weighted draws indices with the given weights.
func weighted(weights []int) zipf {
	z := zipf{make([]uint64, len(weights))}
	total := uint64(0)
	for i, w := range weights {
		total += uint64(w)
		z.sum[i] = total
	}
	return z
}

func (z zipf) draw(r rnd) int {
	x, _ := bits.Mul64(r.pcg.Uint64(), z.sum[len(z.sum)-1])
	lo, hi := 0, len(z.sum)-1
	for lo < hi {
		m := int(uint(lo+hi) >> 1)
		if z.sum[m] > x {
			hi = m
		} else {
			lo = m + 1
		}
	}
	return lo
}

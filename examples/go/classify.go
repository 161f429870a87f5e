// SPDX-License-Identifier: Apache-2.0

// Names what is on a photo, in Go, by graft's C interface:
//
//	classify MODEL PHOTO              MODEL: a model file, or the folder that `graft train` wrote
//	classify NETWORK WEIGHTS PHOTO    e.g. mobilenet_v2 mobilenet_v2_weights.h5 cat.jpg
//
// CGO_CFLAGS=$(pkg-config --cflags graft) CGO_LDFLAGS=$(pkg-config --libs graft) go run classify.go MODEL PHOTO
package main

// #include <graft/graft.h>
// #include <stdlib.h>
import "C"

import (
	"errors"
	"fmt"
	"os"
	"unsafe"
)

// checked turns a status and an error object into an error. A goroutine may move to another thread between two
// calls: graft keeps nothing in threads.
func checked(status C.graft_status, failure *C.graft_error) error {
	if status == C.GRAFT_OK {
		return nil
	}
	defer C.graft_error_free(failure)
	return errors.New(C.GoString(C.graft_error_message(failure)))
}

func open(model string, weights string) (*C.graft_classifier, error) {
	var classifier *C.graft_classifier
	var failure *C.graft_error
	name := C.CString(model)
	defer C.free(unsafe.Pointer(name))
	if weights == "" {
		status := C.graft_classifier_open(name, nil, &classifier, &failure)
		return classifier, checked(status, failure)
	}
	file := C.CString(weights)
	defer C.free(unsafe.Pointer(file))
	options := C.graft_open_options{weights: file}
	options.size = C.size_t(unsafe.Sizeof(options))
	status := C.graft_classifier_imagenet(name, &options, &classifier, &failure)
	return classifier, checked(status, failure)
}

func run(model string, weights string, photo string) error {
	classifier, err := open(model, weights)
	if err != nil {
		return err
	}
	defer C.graft_classifier_free(classifier)
	// The photo's bytes, as a program has them that received it from a network.
	bytes, err := os.ReadFile(photo)
	if err != nil || len(bytes) == 0 {
		return fmt.Errorf("%s cannot be read: %w", photo, err)
	}
	var answer *C.graft_answer
	var failure *C.graft_error
	status := C.graft_classify_bytes(classifier, unsafe.Pointer(&bytes[0]), C.size_t(len(bytes)), nil, &answer, &failure)
	if err := checked(status, failure); err != nil {
		return err
	}
	defer C.graft_answer_free(answer)
	for rank := C.size_t(0); rank < 3 && rank < C.graft_answer_count(answer); rank++ {
		var one C.graft_prediction
		one.size = C.size_t(unsafe.Sizeof(one))
		if err := checked(C.graft_answer_prediction(answer, rank, &one, &failure), failure); err != nil {
			return err
		}
		fmt.Printf("%7.1f %%  %s\n", 100*float64(one.probability), C.GoString(one.name))
	}
	return nil
}

func main() {
	words := os.Args[1:]
	var err error
	switch len(words) {
	case 2:
		err = run(words[0], "", words[1])
	case 3:
		err = run(words[0], words[1], words[2])
	default:
		fmt.Fprintln(os.Stderr, "usage: classify MODEL PHOTO\n       classify NETWORK WEIGHTS PHOTO")
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

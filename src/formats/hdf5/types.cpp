// SPDX-License-Identifier: Apache-2.0
#include "formats/hdf5/types.hpp"

#include <cstdint>

namespace graft::formats::hdf5 {
namespace {

Handle copy_of(hid_t type) { return {H5Tcopy(type), H5Tclose}; }

/// A 16-bit float: float16 has 5 exponent and 10 mantissa bits, bfloat16 8 and 7.
Handle small_float(std::size_t exponent, std::size_t mantissa) {
  Handle type = copy_of(H5T_IEEE_F32LE);
  H5Tset_fields(type.get(), 15, mantissa, exponent, 0, mantissa);
  H5Tset_size(type.get(), 2);
  H5Tset_ebias(type.get(), (std::size_t{1} << (exponent - 1)) - 1);
  return type;
}

/// h5py's bool: an enumeration over int8.
Handle boolean_type() {
  Handle type(H5Tenum_create(H5T_STD_I8LE), H5Tclose);
  for (std::int8_t value = 0; value < 2; ++value) {
    H5Tenum_insert(type.get(), value == 0 ? "FALSE" : "TRUE", &value);
  }
  return type;
}

std::optional<ElementType> float_type(const Handle& stored) {
  switch (H5Tget_size(stored.get())) {
    case 8:
      return ElementType{DType::float64, copy_of(H5T_NATIVE_DOUBLE)};
    case 4:
      return ElementType{DType::float32, copy_of(H5T_NATIVE_FLOAT)};
    case 2: {
      std::size_t sign = 0;
      std::size_t exponent_at = 0;
      std::size_t exponent = 0;
      std::size_t mantissa_at = 0;
      std::size_t mantissa = 0;
      H5Tget_fields(stored.get(), &sign, &exponent_at, &exponent, &mantissa_at, &mantissa);
      if (exponent == 8) return ElementType{DType::bfloat16, small_float(8, 7)};
      return ElementType{DType::float16, small_float(5, 10)};
    }
    default:
      return {};
  }
}

std::optional<ElementType> integer_type(const Handle& stored) {
  const bool is_signed = H5Tget_sign(stored.get()) == H5T_SGN_2;
  switch (H5Tget_size(stored.get())) {
    case 1:
      return is_signed ? ElementType{DType::int8, copy_of(H5T_NATIVE_INT8)}
                       : ElementType{DType::uint8, copy_of(H5T_NATIVE_UINT8)};
    case 2:
      return is_signed ? ElementType{DType::int16, copy_of(H5T_NATIVE_INT16)}
                       : ElementType{DType::int32, copy_of(H5T_NATIVE_INT32)};
    case 4:
      return is_signed ? ElementType{DType::int32, copy_of(H5T_NATIVE_INT32)}
                       : ElementType{DType::int64, copy_of(H5T_NATIVE_INT64)};
    case 8:
      return ElementType{DType::int64, copy_of(H5T_NATIVE_INT64)};
    default:
      return {};
  }
}

}  // namespace

std::optional<ElementType> element_type(const Handle& stored, bool marked_bfloat16) {
  const std::size_t size = H5Tget_size(stored.get());
  switch (H5Tget_class(stored.get())) {
    case H5T_FLOAT:
      return float_type(stored);
    case H5T_INTEGER:
      return integer_type(stored);
    case H5T_ENUM:
      // Read as stored; the caller makes it 0 or 1.
      if (size == 1) return ElementType{DType::boolean, copy_of(stored.get())};
      return {};
    case H5T_OPAQUE:
      if (size == 2 && marked_bfloat16) return ElementType{DType::bfloat16, copy_of(stored.get())};
      return {};
    default:
      return {};
  }
}

Handle stored_type(DType dtype) {
  switch (dtype) {
    case DType::float64:
      return copy_of(H5T_IEEE_F64LE);
    case DType::float16:
      return small_float(5, 10);
    case DType::int8:
      return copy_of(H5T_STD_I8LE);
    case DType::int16:
      return copy_of(H5T_STD_I16LE);
    case DType::int32:
      return copy_of(H5T_STD_I32LE);
    case DType::int64:
      return copy_of(H5T_STD_I64LE);
    case DType::uint8:
      return copy_of(H5T_STD_U8LE);
    case DType::boolean:
      return boolean_type();
    case DType::float32:
    case DType::bfloat16:
      break;
  }
  return copy_of(H5T_IEEE_F32LE);
}

}  // namespace graft::formats::hdf5

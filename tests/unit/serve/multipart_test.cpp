// SPDX-License-Identifier: Apache-2.0
#include "serve/multipart.hpp"

#include <random>

#include <gtest/gtest.h>

#include "graft/base/base64.hpp"
#include "graft/error.hpp"

#include "serve/access.hpp"

namespace graft::serve {
namespace {

TEST(Multipart, BoundaryOfAContentType) {
  EXPECT_EQ(boundary_of("multipart/form-data; boundary=abc"), "abc");
  EXPECT_EQ(boundary_of("Multipart/Form-Data; charset=utf-8; Boundary=\"a b;c\""), "a b;c");
  for (const char* text : {"", "image/jpeg", "multipart/form-data", "multipart/form-data; boundary",
                           "multipart/mixed; boundary=a", "multipart/form-data; boundary=\"abc"})
    EXPECT_EQ(boundary_of(text), "") << text;
  EXPECT_EQ(boundary_of("multipart/form-data; boundary=" + std::string(71, 'a')), "");
}

TEST(Multipart, PartsInTheirOrder) {
  const std::string body =
      "preamble\r\n--b\r\nContent-Disposition: form-data; name=\"image\"; "
      "filename=\"a.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n"
      "one\r\n--bb\r\n\r\n--b\r\ncontent-disposition: form-data; name=k\r\n\r\n\r\n--b--\r\nepilogue";
  const auto parts = form_parts(body, "b", 5);
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[0].name, "image");
  EXPECT_EQ(parts[0].filename, "a.jpg");
  EXPECT_EQ(parts[1].name, "k");
  EXPECT_EQ(parts[1].content, "");
}

TEST(Multipart, BrokenBodiesAreErrors) {
  for (const char* body :
       {"", "--b", "--b\r\n", "--b\r\n\r\n", "--b\r\n\r\nabc", "--b\r\nno colon\r\n\r\nx\r\n--b--",
        "--bx\r\n\r\nx\r\n--b--", "--b\r\nA: b\r\nx\r\n--b--"})
    EXPECT_THROW(static_cast<void>(form_parts(body, "b", 5)), Error) << body;
  EXPECT_THROW(static_cast<void>(form_parts("--b\r\n\r\n1\r\n--b\r\n\r\n2\r\n--b--", "b", 1)), Error);
  EXPECT_THROW(static_cast<void>(form_parts("--", "", 1)), Error);
}

/// Nothing but parts or an Error, and no part outside the body.
TEST(Multipart, RandomBodies) {
  std::mt19937 random(7);
  const std::string letters = "-b\r\n:;=\"a \0x";
  for (int round = 0; round < 20000; ++round) {
    std::string body = "--b\r\n";
    const auto length = random() % 60;
    for (unsigned i = 0; i < length; ++i) body += letters[random() % letters.size()];
    if (random() % 2 == 0) body += "\r\n--b--";
    try {
      for (const FormPart& part : form_parts(body, "b", 8)) {
        EXPECT_GE(part.content.data(), body.data());
        EXPECT_LE(part.content.data() + part.content.size(), body.data() + body.size());
      }
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::bad_file);
    }
  }
}

TEST(Serving, Base64AndEqualTexts) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  for (const char* other : {"", "abd", "ab", "abca", "abcabc"})
    EXPECT_FALSE(equal_in_constant_time(other, "abc")) << other;
}

}  // namespace
}  // namespace graft::serve

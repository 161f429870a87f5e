// SPDX-License-Identifier: Apache-2.0
// The functions of graft.h, those of the list of versions, and those that the shared library exports are the
// same.
#include <array>
#include <cstdio>
#include <fstream>
#include <memory>
#include <regex>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "support.hpp"

namespace graft::test {
namespace {

std::set<std::string> names_in(const std::string& text, const char* pattern) {
  const std::regex expression(pattern);
  std::set<std::string> names;
  for (std::sregex_iterator it(text.begin(), text.end(), expression), end; it != end; ++it)
    names.insert((*it)[1]);
  return names;
}

std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string text;
  std::array<char, 4096> part{};
  while (pipe != nullptr && std::fgets(part.data(), part.size(), pipe.get()) != nullptr) text += part.data();
  return text;
}

TEST(CSymbols, HeaderListAndLibraryAreTheSame) {
  const std::set<std::string> declared =
      names_in(read_file(GRAFT_HEADER), R"(\nGRAFT_API [^(;]*?(graft_[a-z_0-9]+)\()");
  EXPECT_GT(declared.size(), 40U);
  EXPECT_EQ(names_in(read_file(GRAFT_SYMBOLS), R"(\n +(graft_[a-z_0-9]+);)"), declared);
  const std::string symbols =
      output_of(std::string(GRAFT_NM) + " -D --with-symbol-versions " + GRAFT_LIBRARY);
  EXPECT_EQ(names_in(symbols, R"( T (graft_[a-z_0-9]+)@@GRAFT_C_1\n)"), declared);
  EXPECT_EQ(names_in(symbols, R"( [A-Z] (graft_[a-z_0-9]+))"), declared) << "a name of C without a version";
  // C++ names stay exported beside them.
  EXPECT_NE(symbols.find("_ZN5graft10Classifier4open"), std::string::npos);
}

}  // namespace
}  // namespace graft::test

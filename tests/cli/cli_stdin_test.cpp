// SPDX-License-Identifier: Apache-2.0
// graft predict --stdin: a program that stays and answers photo by photo.
#include <array>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "graft/base/json.hpp"

#include "run.hpp"
#include "support.hpp"

namespace graft::test {
namespace {

std::string red_picture() { return "P6\n1 1\n255\n" + std::string{'\x0a', '\0', '\0'}; }

/// A graft predict --stdin that is asked and answers, line by line.
class Resident {
 public:
  explicit Resident(const std::filesystem::path& folder) {
    std::array<int, 2> in{}, out{};
    if (pipe(in.data()) != 0 || pipe(out.data()) != 0) throw std::runtime_error("no pipe");
    process_ = fork();
    if (process_ == 0) {
      dup2(in[0], 0);
      dup2(out[1], 1);
      for (const int one : {in[0], in[1], out[0], out[1]}) close(one);
      if (chdir(folder.c_str()) == 0)
        execl(GRAFT_PROGRAM, "graft", "predict", "model", "--stdin", "--quiet", nullptr);
      _exit(127);
    }
    close(in[0]);
    close(out[1]);
    in_ = in[1];
    out_ = fdopen(out[0], "r");
  }
  ~Resident() {
    if (in_ >= 0) static_cast<void>(end());
    static_cast<void>(fclose(out_));
  }
  Resident(const Resident&) = delete;
  Resident& operator=(const Resident&) = delete;

  void send(const std::string& bytes) const {
    ASSERT_EQ(write(in_, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  [[nodiscard]] Json receive() const {
    std::string line;
    for (int c = fgetc(out_); c != EOF && c != '\n'; c = fgetc(out_)) line += static_cast<char>(c);
    return Json::parse(line, nullptr, false);
  }
  [[nodiscard]] Json ask(const std::string& bytes) const {
    send(bytes);
    return receive();
  }
  /// Ends the input; the exit code.
  int end() {
    close(in_);
    in_ = -1;
    int status = -1;
    waitpid(process_, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t process_ = -1;
  int in_ = -1;
  FILE* out_ = nullptr;
};

class CliStdin : public testing::Test {
 protected:
  CliStdin() {
    write_red_or_blue(folder_.path() / "model");
    write_picture(folder_.path() / "red.ppm", 10, 0, 0);
    write_picture(folder_.path() / "=blue.ppm", 0, 0, 10);
  }
  TemporaryFolder folder_;
};

TEST_F(CliStdin, PathsAndPicturesAreAnsweredAtOnceAsPredictDoes) {
  Resident graft(folder_.path());
  const Json path = graft.ask("red.ppm\n");
  EXPECT_EQ(path, run_graft({"predict", "model", "red.ppm", "--json"}, folder_.path()).json()["photos"][0]);
  const Json picture = graft.ask("=" + std::to_string(red_picture().size()) + " camera 1\n" + red_picture());
  EXPECT_EQ(picture["file"], "camera 1");
  EXPECT_EQ(picture["predictions"], path["predictions"]);
  EXPECT_EQ(graft.ask("./=blue.ppm\r\n")["answer"], "blue");
  EXPECT_EQ(graft.end(), 0);
}

TEST_F(CliStdin, BadOnesDoNotStopIt) {
  Resident graft(folder_.path());
  EXPECT_NE(graft.ask("missing.jpg\n")["reason"].get<std::string>().find("no file"), std::string::npos);
  EXPECT_EQ(graft.ask("=blue.ppm\n")["file"], "=blue.ppm");
  EXPECT_TRUE(graft.ask("=3 no picture\nabc").contains("reason"));
  EXPECT_EQ(graft.ask("=0\n")["reason"], "the picture is empty");
  EXPECT_TRUE(graft.ask(std::string(100000, 'a') + "\n").contains("reason"));
  EXPECT_EQ(graft.ask("\n\nred.ppm\n")["answer"], "red");
  // Half of the next one comes with it: the answer does not wait for the rest.
  EXPECT_EQ(graft.ask("red.ppm\n=14 x\nP6\n1 1\n25")["answer"], "red");
  EXPECT_EQ(graft.ask("5\n" + std::string{'\0', '\0', '\x0a'})["answer"], "blue");
  graft.send("=100 cut\nabc");
  EXPECT_EQ(graft.end(), 1);
  EXPECT_NE(graft.receive()["reason"].get<std::string>().find("97 bytes"), std::string::npos);
}

TEST_F(CliStdin, ManyAtOnceAreAnsweredInTheirOrder) {
  Resident graft(folder_.path());
  std::string all;
  for (int i = 0; i < 40; ++i)
    all += i % 3 == 0   ? "=14 " + std::to_string(i) + "\n" + red_picture()
           : i % 3 == 1 ? "./=blue.ppm\n"
                        : "none\n";
  graft.send(all);
  for (int i = 0; i < 40; ++i) {
    const Json answer = graft.receive();
    EXPECT_EQ(answer.value("answer", ""), i % 3 == 0 ? "red" : i % 3 == 1 ? "blue" : "") << i << answer;
    if (i % 3 == 0) {
      EXPECT_EQ(answer["file"], std::to_string(i));
    }
  }
}

TEST_F(CliStdin, AChangedModelFileIsOpenedAgain) {
  Resident graft(folder_.path());
  EXPECT_EQ(graft.ask("red.ppm\n")["answer"], "red");
  const auto file = folder_.path() / "model/model.keras";
  std::filesystem::rename(file, folder_.path() / "good");
  std::ofstream(file) << "no model";
  EXPECT_EQ(graft.ask("red.ppm\n")["answer"], "red");  // the old one stays
  ASSERT_EQ(
      run_graft({"edit", "good", "--class-names", "blue,warm", "-o", file, "--force"}, folder_.path()).code,
      0);
  EXPECT_EQ(graft.ask("red.ppm\n")["answer"], "warm");
}

TEST_F(CliStdin, RefusesPhotosBesideIt) {
  EXPECT_EQ(run_graft({"predict", "model", "red.ppm", "--stdin"}, folder_.path()).code, 2);
  EXPECT_EQ(run_graft({"predict", "model"}, folder_.path()).code, 2);
  EXPECT_EQ(run_graft({"predict", "missing", "--stdin"}, folder_.path()).code, 3);
}

}  // namespace
}  // namespace graft::test

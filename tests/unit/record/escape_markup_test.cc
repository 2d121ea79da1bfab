// Whatever a text holds, it stays text.

#include "engine/frontend/record/escape_markup.h"

#include <gtest/gtest.h>

#include <random>

namespace care::engine {
namespace {

TEST(EscapeMarkup, EscapesWhatCouldBeMarkup) {
  EXPECT_EQ(EscapeMarkup("<script>alert(\"x\" & 'y')</script>"),
            "&lt;script&gt;alert(&quot;x&quot; &amp; &#39;y&#39;)&lt;/script&gt;");
  EXPECT_EQ(EscapeMarkup("caf\xc3\xa9 \xf0\x9f\x98\x80\n\t"), "caf\xc3\xa9 \xf0\x9f\x98\x80\n\t");
}

TEST(EscapeMarkup, ReplacesWhatNoDocumentMayHold) {
  const std::string replacement = "\xef\xbf\xbd";
  EXPECT_EQ(EscapeMarkup(std::string_view("a\0b", 3)), "a" + replacement + "b");
  EXPECT_EQ(EscapeMarkup("\x1b[0m\x7f"), replacement + "[0m" + replacement);
  EXPECT_EQ(EscapeMarkup("\xff\xc3"), replacement + replacement);
  EXPECT_EQ(EscapeMarkup("\xc0\xbc"), replacement + replacement);          // '<', overlong
  EXPECT_EQ(EscapeMarkup("\xed\xa0\x80").substr(0, 3), replacement);       // a surrogate
  EXPECT_EQ(EscapeMarkup("\xef\xbf\xbf"), replacement);                    // U+FFFF
  EXPECT_EQ(EscapeMarkup("\xe2\x82"), replacement + replacement);          // cut off
}

TEST(EscapeMarkup, ShowsDirectionControls) { EXPECT_EQ(EscapeMarkup("a\xe2\x80\xae" "b"), "a[U+202E]b"); }

// Random bytes: no markup character comes out, and what comes out passes unchanged but for its ampersands.
TEST(EscapeMarkup, AnyBytes) {
  std::mt19937_64 random(5);
  for (int i = 0; i < 2000; ++i) {
    std::string bytes(random() % 40, ' ');
    for (char& byte : bytes) byte = static_cast<char>(random());
    const std::string escaped = EscapeMarkup(bytes);
    EXPECT_EQ(escaped.find_first_of("<>\"'"), std::string::npos);
    std::string twice = EscapeMarkup(escaped);
    for (std::size_t at; (at = twice.find("&amp;")) != std::string::npos;) twice.replace(at, 5, "\x01");
    for (char& c : twice) {
      if (c == '\x01') c = '&';
    }
    EXPECT_EQ(twice, escaped);
  }
}

}  // namespace
}  // namespace care::engine

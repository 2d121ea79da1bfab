// engine/frontend/record/html_writer.h
//
// The page's few building blocks. Text goes in as it is and is escaped here; markup is only what these
// functions write.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace care::engine {

struct HtmlCell {
  std::string text;
  std::string kind;  // a class of the style sheet: "number", "hidden", "null"
  bool is_code = false;
  std::vector<std::string> details;  // a list below the text
  int depth = 0;                     // indented, in a tree
};

struct HtmlTable {
  std::string caption;
  std::string kind;  // "wide", "released"
  std::vector<HtmlCell> header;
  std::vector<std::vector<HtmlCell>> rows;
  bool rows_have_headers = false;  // the first cell of a row names it
};

class HtmlWriter {
 public:
  void Section(std::string_view title);
  void SubSection(std::string_view title);
  void Paragraph(std::string_view text);
  void Preformatted(std::string_view text, std::string_view label);
  void List(const std::vector<std::string>& items);
  // Terms and what is said of them; an empty text is left out.
  struct Entry {
    std::string term;
    std::string text;
    bool is_code = false;
  };
  void Entries(const std::vector<Entry>& entries);
  void Table(const HtmlTable& table);

  std::string Finish() && { return std::move(html_); }

 private:
  void Cell(const HtmlCell& cell, std::string_view tag, std::string_view scope);

  std::string html_;
};

}  // namespace care::engine

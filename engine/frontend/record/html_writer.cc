#include "engine/frontend/record/html_writer.h"

#include "absl/strings/str_cat.h"
#include "engine/frontend/record/escape_markup.h"

namespace care::engine {

void HtmlWriter::Section(std::string_view title) { absl::StrAppend(&html_, "<h2>", EscapeMarkup(title), "</h2>\n"); }

void HtmlWriter::SubSection(std::string_view title) { absl::StrAppend(&html_, "<h3>", EscapeMarkup(title), "</h3>\n"); }

void HtmlWriter::Paragraph(std::string_view text) { absl::StrAppend(&html_, "<p>", EscapeMarkup(text), "</p>\n"); }

void HtmlWriter::Preformatted(std::string_view text, std::string_view label) {
  absl::StrAppend(&html_, "<pre role=\"region\" aria-label=\"", EscapeMarkup(label), "\">", EscapeMarkup(text),
                  "</pre>\n");
}

void HtmlWriter::List(const std::vector<std::string>& items) {
  html_ += "<ul>\n";
  for (const std::string& item : items) absl::StrAppend(&html_, "<li>", EscapeMarkup(item), "</li>\n");
  html_ += "</ul>\n";
}

void HtmlWriter::Entries(const std::vector<Entry>& entries) {
  html_ += "<dl>\n";
  for (const Entry& entry : entries) {
    if (entry.text.empty()) continue;
    absl::StrAppend(&html_, "<dt>", EscapeMarkup(entry.term), "</dt><dd>", entry.is_code ? "<code>" : "",
                    EscapeMarkup(entry.text), entry.is_code ? "</code>" : "", "</dd>\n");
  }
  html_ += "</dl>\n";
}

void HtmlWriter::Cell(const HtmlCell& cell, std::string_view tag, std::string_view scope) {
  std::string attributes;
  if (!scope.empty()) absl::StrAppend(&attributes, " scope=\"", std::string(scope), "\"");
  const std::string kind = cell.depth > 0 ? absl::StrCat(cell.kind, cell.kind.empty() ? "" : " ", "step") : cell.kind;
  if (!kind.empty()) absl::StrAppend(&attributes, " class=\"", EscapeMarkup(kind), "\"");
  if (cell.depth > 0) absl::StrAppend(&attributes, " style=\"--depth:", cell.depth, "\"");
  absl::StrAppend(&html_, "<", std::string(tag), attributes, ">", cell.is_code ? "<code>" : "", EscapeMarkup(cell.text),
                  cell.is_code ? "</code>" : "");
  if (!cell.details.empty()) {
    html_ += "<ul class=\"details\">";
    for (const std::string& detail : cell.details) absl::StrAppend(&html_, "<li>", EscapeMarkup(detail), "</li>");
    html_ += "</ul>";
  }
  absl::StrAppend(&html_, "</", std::string(tag), ">");
}

void HtmlWriter::Table(const HtmlTable& table) {
  absl::StrAppend(&html_, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"",
                  EscapeMarkup(table.caption), "\">\n<table class=\"", EscapeMarkup(table.kind), "\">\n<caption>",
                  EscapeMarkup(table.caption), "</caption>\n<thead><tr>");
  for (const HtmlCell& cell : table.header) Cell(cell, "th", "col");
  html_ += "</tr></thead>\n<tbody>\n";
  for (const std::vector<HtmlCell>& row : table.rows) {
    html_ += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool names_the_row = i == 0 && table.rows_have_headers;
      Cell(row[i], names_the_row ? "th" : "td", names_the_row ? "row" : "");
    }
    html_ += "</tr>\n";
  }
  html_ += "</tbody>\n</table>\n</div>\n";
}

}  // namespace care::engine

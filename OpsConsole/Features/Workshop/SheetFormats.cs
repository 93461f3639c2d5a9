using OpsConsole.Core.Shared;
using OpsConsole.Core.Worksheets;
using OpsConsole.Features.Authority;

namespace OpsConsole.Features.Workshop;

/// <summary>How a worksheet is written down outside the console.</summary>
internal enum SheetFormat { Csv, Markdown }

/// <summary>A worksheet as CSV or Markdown; what is written is read back exactly.</summary>
internal static class SheetFormats
{
    public const int MaxBytes = MatrixFormats.MaxBytes;

    public static SheetFormat? OfMedia(string media) => media.ToLowerInvariant() switch { "text/csv" => SheetFormat.Csv, "text/markdown" => SheetFormat.Markdown, _ => null };

    /// <summary>By the ending of a file's name; null for one that says nothing.</summary>
    public static SheetFormat? OfFile(string name) => Path.GetExtension(name).ToLowerInvariant() switch { ".csv" or ".tsv" => SheetFormat.Csv, ".md" or ".markdown" => SheetFormat.Markdown, _ => null };

    public static string Media(SheetFormat format) => format == SheetFormat.Csv ? "text/csv" : "text/markdown";

    public static string Extension(SheetFormat format) => format == SheetFormat.Csv ? "csv" : "md";

    public static string Write(WorksheetSpec spec, Worksheet sheet, SheetFormat format) => format == SheetFormat.Csv ? SheetCsv.Write(spec, FileRow.Of(spec, sheet)) : SheetMarkdown.Write(spec, FileRow.Of(spec, sheet));

    /// <summary>Faults, with the line: <c>sheet.malformed</c>, <c>sheet.invalid</c>; <c>body.malformed</c> for what is not UTF-8.</summary>
    public static Result<IReadOnlyList<FileRow>> Read(WorksheetSpec spec, ReadOnlySpan<byte> file, SheetFormat format)
        => MatrixFormats.Decode(file).Then(text => format == SheetFormat.Csv ? SheetCsv.Read(spec, text) : SheetMarkdown.Read(spec, text));
}

using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Authority;

/// <summary>How a matrix is written down outside the console.</summary>
public enum MatrixFormat { Json, Yaml, Csv }

/// <summary>
/// A matrix as JSON, YAML or CSV. Writing is stable (one order, one layout, LF, a line break at the end), so that a change of one row is a small difference in git;
/// what is written is read back exactly.
/// </summary>
public static class MatrixFormats
{
    /// <summary>How long a file of a matrix may be: laid out line by line it is several times as long as what is stored, which has at most <see cref="JsonBody.MaxBytes"/>.</summary>
    public const int MaxBytes = 2 * 1024 * 1024;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly JsonWriterOptions Indented = MatrixJson.Readable with { Indented = true, IndentSize = 2, NewLine = "\n" };

    private static readonly (string Media, MatrixFormat Format)[] Medias =
    [
        ("application/json", MatrixFormat.Json), ("application/yaml", MatrixFormat.Yaml), ("text/yaml", MatrixFormat.Yaml), ("text/csv", MatrixFormat.Csv), ("text/json", MatrixFormat.Json), ("application/x-yaml", MatrixFormat.Yaml), ("text/x-yaml", MatrixFormat.Yaml),
    ];

    /// <summary>The names of media that are understood, the preferred ones first.</summary>
    public static IReadOnlyList<string> MediaTypes { get; } = [.. Medias.Select(m => m.Media)];

    public static MatrixFormat? OfMedia(string media) => Medias.FirstOrDefault(m => m.Media.Equals(media, StringComparison.OrdinalIgnoreCase)) is { Media: not null } known ? known.Format : null;

    /// <summary>By the ending of a file's name; null for one that says nothing.</summary>
    public static MatrixFormat? OfFile(string name) => Path.GetExtension(name).ToLowerInvariant() switch { ".json" => MatrixFormat.Json, ".yaml" or ".yml" => MatrixFormat.Yaml, ".csv" or ".tsv" => MatrixFormat.Csv, _ => null };

    public static string Extension(MatrixFormat format) => format switch { MatrixFormat.Json => "json", MatrixFormat.Yaml => "yaml", _ => "csv" };

    public static string Write(MatrixDocument document, MatrixFormat format) => format switch
    {
        MatrixFormat.Json => Json(document),
        MatrixFormat.Yaml => StrictYaml.Write(JsonElement.Parse(MatrixJson.ToJson(document))),
        _ => Csv.Write(MatrixSheet.ToRows(document)),
    };

    /// <summary>Faults: those of <see cref="StrictJson"/>, <see cref="StrictYaml"/> and <see cref="MatrixJson.Parse"/>, for YAML with line and column; <c>sheet.malformed</c> and <c>sheet.invalid</c> with row and column for CSV.</summary>
    public static Result<MatrixDocument> Read(string text, MatrixFormat format) => format switch
    {
        MatrixFormat.Json => StrictJson.Parse(text.TrimStart('\uFEFF')).Then(MatrixJson.Parse),
        MatrixFormat.Yaml => StrictYaml.Parse(text, MaxBytes).Then(e => Placed(text, MatrixJson.Parse(e))),
        _ => ReadSheet(text).Then(Whole),
    };

    /// <summary>Null where the matrix can be sent as it is stored, and its files be read again. Fault: <c>matrix.too_large</c>.</summary>
    /// <param name="json">Its canonical text.</param>
    public static Fault? TooLarge(string json) => Encoding.UTF8.GetByteCount(json) is var bytes && bytes <= JsonBody.MaxBytes ? null
        : new Fault(FaultKind.TooLarge, "matrix.too_large", string.Create(CultureInfo.InvariantCulture, $"The matrix has {bytes / 1024:N0} KB, and {JsonBody.Size(JsonBody.MaxBytes)} is the most. Put rows together, or divide the work among several rollouts."));

    /// <summary>A table from a file or a spreadsheet's clipboard, its good rows and what is wrong with the others. Fault: <c>sheet.malformed</c>.</summary>
    /// <param name="taken">Ids that rules without one must not get.</param>
    /// <param name="knows">Who is meant by a name, as for <see cref="MatrixSheet.Read"/>.</param>
    public static Result<SheetReading> ReadSheet(string text, IEnumerable<string>? taken = null, Func<string, string?>? knows = null) => Csv.Read(text).Then<SheetReading>(rows => MatrixSheet.Read(rows, taken, knows));

    /// <summary>The text of a file or body; what is not UTF-8 is refused rather than guessed at.</summary>
    public static Result<string> Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return Fault.Invalid("body.malformed", "This is not UTF-8 text. Save it as UTF-8 (in a spreadsheet: 'CSV UTF-8').");
        }
    }

    /// <summary>What somebody pasted probably is.</summary>
    public static MatrixFormat Guess(string text)
    {
        var first = text.TrimStart('\uFEFF', ' ', '\r', '\n').Split('\n', 2)[0].TrimEnd();
        if (first.StartsWith('{')) return MatrixFormat.Json;
        var yaml = first is "---" || first.StartsWith("# ", StringComparison.Ordinal) || first.StartsWith("%YAML", StringComparison.Ordinal) || (first.Split(':')[0] is "default" or "boundaries" or "rules" && first.Contains(':', StringComparison.Ordinal));
        return yaml && !first.Contains('\t', StringComparison.Ordinal) ? MatrixFormat.Yaml : MatrixFormat.Csv;
    }

    private static string Json(MatrixDocument document)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Indented)) MatrixJson.Write(document, writer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    private static Result<MatrixDocument> Placed(string yaml, Result<MatrixDocument> read)
    {
        if (read.Fault is not { } fault) return read;
        var (line, column) = StrictYaml.Find(yaml, fault.Field ?? "");
        return fault with { Message = $"Line {line}: {fault.Message}", Detail = new Dictionary<string, object?> { ["line"] = line, ["column"] = column } };
    }

    // A file is taken as a whole or not at all; to take the good rows only is for people who see the others.
    private static Result<MatrixDocument> Whole(SheetReading sheet)
    {
        if (sheet is { Default: null, Rules.Count: 0, Boundaries.Count: 0, Problems.Count: 0 })
            return Fault.Invalid("sheet.invalid", "There is no row of a matrix in this table. A matrix that is meant to be empty says at least what happens to calls that no row matches: a row of the kind 'default'.");
        if (sheet.Problems is not [var first, ..]) return sheet.Document;
        var more = sheet.Problems.Count == 1 ? "" : $" There are {sheet.Problems.Count - 1} more problems.";
        return new Fault(FaultKind.Invalid, "sheet.invalid", $"Row {first.Row}, {VisibleText.Flatten(first.Column)}: {first.Message}{more}", first.Column, new Dictionary<string, object?> { ["row"] = first.Row, ["column"] = first.Column, ["problems"] = sheet.Problems.Take(100).ToList() });
    }
}

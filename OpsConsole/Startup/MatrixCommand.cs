using System.Text;
using System.Text.Json;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Authority;
using OpsConsole.Platform.Web;

namespace OpsConsole.Startup;

/// <summary>
/// <c>matrix check FILE</c> (no console needed), <c>matrix export</c> (beside a running console, or through its API) and <c>matrix import FILE</c> (through its API: what it does is on record).
/// Findings and files go to <paramref name="output"/>, everything else to <paramref name="errors"/>.
/// </summary>
internal sealed class MatrixCommand(IConfiguration configuration, TextWriter output, TextWriter errors)
{
    public const int Good = 0, Findings = 1, Failed = 2;

    private const string Usage = """
        matrix check FILE [--catalogue FILE]
        matrix export --rollout ID|NAME [--version draft|in-force|N] [--format json|yaml|csv] [--out FILE] [--url URL]
        matrix import FILE --rollout ID|NAME --url URL [--dry-run]
        FILE ends in .json, .yaml, .yml or .csv. --url is where the console runs; its token is read from OPSCONSOLE_TOKEN.
        Exit code: 0 all is well, 1 the matrix has errors, 2 it could not be read, fetched or saved.
        """;

    public async Task<int> RunAsync(string[] args)
    {
        try
        {
            return args switch
            {
                ["check", .. var rest] => Check(MatrixArguments.Read(rest, "catalogue")),
                ["export", .. var rest] => await ExportAsync(MatrixArguments.Read(rest, "rollout", "version", "format", "out", "url")),
                ["import", .. var rest] => await ImportAsync(MatrixArguments.Read(rest, "rollout", "url", "dry-run!")),
                _ => Fail(Usage),
            };
        }
        // Whatever it was, a script must hear about it, and that nothing was saved.
        catch (Exception e)
        {
            return Fail(e.GetBaseException().Message);
        }
    }

    private int Check(MatrixArguments args)
    {
        if (args.Wrong is { } wrong) return Fail(wrong);
        if (args.Names is not [var file]) return Fail(Usage);
        if (Read(file) is not { } document) return Failed;
        var catalogue = ActionCatalogue.Empty;
        if (args["catalogue"] is { } listed)
        {
            if (Catalogue(listed) is not { } read) return Failed;
            catalogue = read;
        }
        return Report(file, document, catalogue);
    }

    private async Task<int> ExportAsync(MatrixArguments args)
    {
        if (args.Wrong is { } wrong) return Fail(wrong);
        if (args.Names.Count > 0 || args["rollout"] is not { Length: > 0 } rollout) return Fail(Usage);
        var file = args["out"];
        if ((args["format"] is { } said ? MatrixFormats.OfFile("." + said) : file is null ? MatrixFormat.Json : MatrixFormats.OfFile(file)) is not { } format) return Fail("Say --format json, yaml or csv, or give --out a file that ends so.");
        Result<string> matrix;
        if (args["url"] is { } url)
        {
            using var console = RemoteConsole.Open(url, errors);
            matrix = await console.MatrixAsync(rollout, args["version"] ?? "draft");
        }
        else matrix = await StoredMatrix.ReadAsync(configuration, rollout, args["version"] ?? "draft");
        if (matrix.Fault is { } fault) return Fail(fault.Message);
        var document = MatrixFormats.Read(matrix.Value, MatrixFormat.Json);
        if (document.Fault is { } unreadable) return Fail(unreadable.Message);
        var text = MatrixFormats.Write(document.Value, format);
        if (file is null) await output.WriteAsync(text);
        else await File.WriteAllTextAsync(file, text, new UTF8Encoding(false));
        return Good;
    }

    private async Task<int> ImportAsync(MatrixArguments args)
    {
        if (args.Wrong is { } wrong) return Fail(wrong);
        if (args.Names is not [var file] || args["rollout"] is not { Length: > 0 } rollout) return Fail(Usage);
        if (args["url"] is not { } url) return Fail("Say --url: a matrix is saved through a running console, so that it is on record who did.");
        if (Read(file) is not { } document) return Failed;
        using var console = RemoteConsole.Open(url, errors);
        var draft = await console.DraftAsync(rollout);
        if (draft.Fault is { } fault) return Fail(fault.Message);
        var before = MatrixFormats.Read(draft.Value.Json, MatrixFormat.Json);
        if (before.Fault is { } unreadable) return Fail(unreadable.Message);
        var changes = MatrixChanges.Between(before.Value, document, static approver => approver[(approver.IndexOf(':', StringComparison.Ordinal) + 1)..]);
        foreach (var change in changes) await errors.WriteLineAsync($"{(change.Kind.EndsWith("added", StringComparison.Ordinal) ? '+' : change.Kind.EndsWith("removed", StringComparison.Ordinal) ? '-' : '~')} {VisibleText.Flatten(change.Words.ReplaceLineEndings(" "))}");
        if (args["dry-run"] is not null) return Report(file, document, ActionCatalogue.Empty);
        if (changes.Count == 0) await errors.WriteLineAsync("The draft says this already.");
        else
        {
            var saved = await console.SaveAsync(draft.Value, MatrixJson.ToJson(document));
            if (saved.Fault is { } refused) return Fail(refused.Message);
            await errors.WriteLineAsync($"Saved as draft {saved.Value}. It is in force once somebody publishes it.");
        }
        var analysis = await console.AnalysisAsync(draft.Value.Rollout);
        if (analysis.Fault is { } unknown) return Fail(unknown.Message);
        return Report(file, document, analysis.Value.Errors, analysis.Value.Warnings);
    }

    private MatrixDocument? Read(string file)
    {
        if (MatrixFormats.OfFile(file) is not { } format)
        {
            Fail($"{file}: the name must end in .json, .yaml, .yml or .csv.");
            return null;
        }
        var text = Text(file, MatrixFormats.MaxBytes);
        var sheet = format == MatrixFormat.Csv ? text.Then(t => MatrixFormats.ReadSheet(t)) : default;
        if (format == MatrixFormat.Csv && sheet is { Ok: true, Value.Problems: { Count: > 0 } problems })
        {
            foreach (var p in problems) errors.WriteLine($"{file}:{p.Row}: {VisibleText.Flatten(p.Column)}: {p.Message}");
            return null;
        }
        var document = text.Then(t => MatrixFormats.Read(t, format));
        if (document.Fault is { } fault) Fail($"{file}: {fault.Message}");
        return document.Ok ? document.Value : null;
    }

    private ActionCatalogue? Catalogue(string file)
    {
        var element = Text(file, JsonBody.MaxBytes).Then(t => MatrixFormats.OfFile(file) == MatrixFormat.Yaml ? StrictYaml.Parse(t) : StrictJson.Parse(t));
        // As the file of a team, or as the API lists it.
        var catalogue = element.Then(e => ActionCatalogue.Parse(e.ValueKind == JsonValueKind.Object && e.TryGetProperty("items", out var items) ? items : e));
        if (catalogue.Fault is { } fault) Fail($"{file}: {fault.Message}");
        return catalogue.Ok ? catalogue.Value : null;
    }

    private static Result<string> Text(string file, int maxBytes)
    {
        var info = new FileInfo(file);
        if (!info.Exists) return Fault.NotFound("file");
        return info.Length > maxBytes ? Fault.Invalid("body.too_large", $"The file is larger than {JsonBody.Size(maxBytes)}, and so larger than the console takes.") : MatrixFormats.Decode(File.ReadAllBytes(file));
    }

    // Without a console nobody knows who exists: approvers are taken as known.
    private int Report(string file, MatrixDocument document, ActionCatalogue catalogue)
    {
        var analysis = MatrixAnalyser.Analyse(document, _ => ApproverStanding.Known, catalogue);
        return Report(file, document, [.. analysis.Errors.Select(Line)], [.. analysis.Warnings.Select(Line)]);

        static FindingLine Line(Finding f) => new(f.Code, f.Message, f.Rule, f.Field);
    }

    private int Report(string file, MatrixDocument document, IReadOnlyList<FindingLine> wrong, IReadOnlyList<FindingLine> warnings)
    {
        foreach (var finding in wrong) output.WriteLine("error " + finding);
        foreach (var finding in warnings) output.WriteLine("warning " + finding);
        errors.WriteLine($"{file}: {Counted.Of(document.Rules.Count, "rule")}, {Counted.Of(document.Boundaries.Count, "boundary", "boundaries")}, {Counted.Of(wrong.Count, "error")}, {Counted.Of(warnings.Count, "warning")}.");
        return wrong.Count > 0 ? Findings : Good;
    }

    private int Fail(string why)
    {
        errors.WriteLine(why);
        return Failed;
    }
}

/// <summary>A finding in one line: its code, the rule, the place, and what it is; a dash for what it has not.</summary>
internal sealed record FindingLine(string Code, string Message, string? Rule, string? Field)
{
    public override string ToString() => VisibleText.Flatten($"{Code} {Rule ?? "-"} {Field ?? "-"}: {Message}".ReplaceLineEndings(" "));
}

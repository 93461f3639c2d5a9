using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Authority.Ui;

/// <summary>Lists actions from a document that describes them: give it, look at it beside what is listed, choose.</summary>
public sealed partial class ImportActions
{
    private const int MostNotes = 20, MostWords = 200;

    private string? _text, _refusal;
    private CatalogueImport? _import;
    private List<ImportRow>? _rows;
    private bool _busy, _wasOpen;

    [Parameter, EditorRequired] public string RolloutId { get; set; } = "";
    [Parameter] public bool Open { get; set; }
    [Parameter] public EventCallback<bool> OpenChanged { get; set; }
    /// <summary>Called with what was done, in words, after it was done.</summary>
    [Parameter] public EventCallback<string> OnListed { get; set; }

    protected override void OnParametersSet()
    {
        if (Open && !_wasOpen)
        {
            _text = null;
            Reset();
        }
        _wasOpen = Open;
    }

    private int Chosen => _rows?.Count(r => r.Chosen) ?? 0;

    private string Kind => _import!.Kind switch
    {
        ImportKind.Tools => "A list of tools.", ImportKind.Openapi => "An OpenAPI document.", ImportKind.JsonSchema => _rows!.Count == 1 ? "A JSON Schema." : "JSON Schemas.", _ => "A catalogue of this console.",
    };

    private string Summary
    {
        get
        {
            int Count(ImportStanding standing) => _rows!.Count(r => r.Line.Standing == standing);
            string[] parts =
            [
                .. Count(ImportStanding.New) is > 0 and var n ? [$"{n} new"] : Array.Empty<string>(), .. Count(ImportStanding.Changed) is > 0 and var c ? [$"{c} changed"] : Array.Empty<string>(),
                .. Count(ImportStanding.Same) is > 0 and var s ? [$"{s} listed already"] : Array.Empty<string>(), .. Count(ImportStanding.Clash) is > 0 and var t ? [$"{t} with a name that is taken"] : Array.Empty<string>(),
            ];
            return parts.Length == 0 ? "No action can be read from it." : $"{_rows!.Count} {(_rows.Count == 1 ? "action" : "actions")}: {string.Join(", ", parts)}.";
        }
    }

    private void Reset() => (_import, _rows, _refusal) = (null, null, null);

    private async Task ReadFileAsync(InputFileChangeEventArgs e)
    {
        if (e.FileCount == 0) return;
        if (e.File.Size > JsonBody.MaxBytes)
        {
            _refusal = CatalogueImporter.TooLarge.Message;
            return;
        }
        using var bytes = new MemoryStream();
        try
        {
            await using var file = e.File.OpenReadStream(JsonBody.MaxBytes);
            await file.CopyToAsync(bytes);
        }
        catch (Exception x) when (x is IOException or Microsoft.JSInterop.JSException)
        {
            _refusal = "The file could not be read. Choose it again, or paste what is in it.";
            return;
        }
        await ShowAsync(bytes.ToArray());
    }

    private async Task ReadTextAsync()
    {
        if (string.IsNullOrWhiteSpace(_text)) _refusal = "There is nothing to read. Choose a file or paste a document.";
        else await ShowAsync(Encoding.UTF8.GetBytes(_text));
    }

    private async Task ShowAsync(byte[] document)
    {
        var read = CatalogueImporter.Read(document);
        _refusal = read.Fault?.Message;
        if (read.Ok) _refusal = (await LayAsync(read.Value))?.Message;
    }

    /// <summary>Beside what is listed now; what was chosen before stays chosen.</summary>
    private async Task<Fault?> LayAsync(CatalogueImport import)
    {
        var me = await Me.RequireAsync();
        if (me.Fault is { } nobody) return nobody;
        var preview = await Importer.PreviewAsync(me.Value, RolloutId, import, CancellationToken.None);
        if (preview.Fault is { } fault) return fault;
        var before = _rows;
        (_import, _rows) = (import, [.. preview.Value.Lines.Select((line, i) => new ImportRow(line, before?[i]))]);
        return null;
    }

    private void ChooseAll(bool all)
    {
        foreach (var row in _rows!) row.Chosen = all && row.CanList && (row.Line.Standing != ImportStanding.Same || row.TakeTheirs);
    }

    private async Task ListAsync()
    {
        if (_busy || _rows is null) return;
        _busy = true;
        try
        {
            var me = await Me.RequireAsync();
            var chosen = _rows.Where(r => r.Chosen).ToList();
            var fault = me.Fault ?? (await Importer.ListAsync(me.Value, RolloutId, [.. chosen.Select(r => r.Pick())], CancellationToken.None)).Fault;
            if (fault is null)
            {
                var (added, updated) = (chosen.Count(r => r.Line.Ours is null), chosen.Count(r => r.Line.Ours is not null));
                await OpenChanged.InvokeAsync(false);
                await OnListed.InvokeAsync(updated == 0 ? $"{Actions(added)} listed." : added == 0 ? $"{Actions(updated)} up to date." : $"{Actions(added)} listed, {updated} brought up to date.");
                return;
            }
            if (fault.Code == "catalogue.changed") await LayAsync(_import!);
            _refusal = fault.Message;
        }
        finally { _busy = false; }
    }

    private static string Actions(int count) => count == 1 ? "1 action is" : $"{count} actions are";

    private static string Theirs(ImportLine line)
    {
        var theirs = line.Import.Action;
        return string.Join(", ", line.Kept.Select(field => field switch
        {
            "effect" => theirs.Effect == Effect.Read ? "only reads" : "writes",
            "consequence" => theirs.Consequence == Consequence.Low ? "low consequence" : "high consequence",
            "classes" => theirs.Classes.Count == 0 ? "touches nothing" : "touches " + string.Join(", ", theirs.Classes.Select(c => c.Replace('_', ' '))),
            "reversible" => theirs.Reversible ? "can be undone" : "cannot be undone",
            _ => theirs.Owner is { } owner ? "owner " + VisibleText.Flatten(owner) : "no owner",
        }));
    }

    private static string Cut(string? description) => VisibleText.Flatten(description is { Length: > MostWords } ? description[..(MostWords - 1)] + "…" : description);
}

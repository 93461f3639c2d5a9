using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using OpsConsole.Core.Access;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Authority.Ui;

/// <summary>The matrix out as a file, and in from a file or a spreadsheet's clipboard, looked at before it is taken. It saves nothing: what it read goes to whoever mounted it.</summary>
public sealed partial class MatrixFiles
{
    private const string Example = "action\twhen\toutcome\tapprovers\nrefund.create\tamount > 200\task\tleads";
    private static readonly (MatrixFormat Format, string Name)[] Formats = [(MatrixFormat.Json, "Download as JSON"), (MatrixFormat.Yaml, "Download as YAML"), (MatrixFormat.Csv, "Download as CSV")];

    private readonly string _id = $"files-{Guid.NewGuid():N}";
    private bool _open;
    private int _round;   // a new file input each time, or the same file could not be chosen again
    private string _text = "";
    private string? _fault;
    private Reading? _read;

    [Parameter, EditorRequired] public string RolloutId { get; set; } = "";
    /// <summary>Offer this published version instead of the draft; then there is nothing to import into.</summary>
    [Parameter] public int? Version { get; set; }
    /// <summary>What the rows would replace or stand below: rules without an id get free ones, and a table that says no default leaves it as it is.</summary>
    [Parameter] public MatrixDocument Draft { get; set; } = MatrixDocument.Empty;
    /// <summary>What an approver is called, and who is meant by a name.</summary>
    [Parameter] public Func<string, string> Who { get; set; } = ApproverEntry.Bare;
    [Parameter] public Func<string, string?> Knows { get; set; } = _ => null;
    /// <summary>Whether there is something to import into.</summary>
    [Parameter] public bool MayEdit { get; set; } = true;
    /// <summary>Replace the draft in hand by this.</summary>
    [Parameter] public EventCallback<MatrixDocument> OnImport { get; set; }
    /// <summary>Put these rows below those in hand; the default is the draft's own. Not offered without a handler.</summary>
    [Parameter] public EventCallback<MatrixDocument> OnAppend { get; set; }

    private sealed record Reading(MatrixFormat Format, MatrixDocument Document, IReadOnlyList<SheetProblem> Problems, IReadOnlyList<string> Sentences);

    private string Which => Version is { } version ? $"{version}" : "draft";
    // Every edit of a text sends all of it in one message, and a circuit takes so much and no more.
    private bool TooLongToShow => _text.Length > JsonBody.MaxBytes;
    private bool HasRows => _read is { Document: { } d } && d.Rules.Count + d.Boundaries.Count > 0;

    /// <summary>Opens the dialog; also for a key or a button of the page.</summary>
    public void Open()
    {
        Close();
        _open = true;
        StateHasChanged();
    }

    private void Close()
    {
        (_open, _text, _fault, _read) = (false, "", null, null);
        _round++;
    }

    private async Task TakeAsync(InputFileChangeEventArgs chosen)
    {
        (_fault, _read, _text) = (null, null, "");
        if (chosen.File.Size > MatrixFormats.MaxBytes)
        {
            _fault = $"The file is larger than {JsonBody.Size(MatrixFormats.MaxBytes)}. Leave out what does not belong into a matrix, or import it in parts.";
            return;
        }
        var bytes = new MemoryStream();
        try
        {
            await using var stream = chosen.File.OpenReadStream(MatrixFormats.MaxBytes);
            await stream.CopyToAsync(bytes);
        }
        catch (Exception e) when (e is IOException or Microsoft.JSInterop.JSException or OperationCanceledException)
        {
            _fault = "The file could not be read. Choose it again.";
            return;
        }
        var text = MatrixFormats.Decode(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
        if (text.Ok) Read(text.Value, MatrixFormats.OfFile(chosen.File.Name));
        else _fault = text.Fault!.Message;
    }

    private void Read(string? text, MatrixFormat? format = null)
    {
        (_text, _fault, _read) = (text ?? "", null, null);
        if (string.IsNullOrWhiteSpace(_text)) return;
        var read = Understand(format ?? MatrixFormats.Guess(_text), []);
        if (read.Ok) _read = read.Value;
        else _fault = read.Fault!.Message;
    }

    private Result<Reading> Understand(MatrixFormat format, IEnumerable<string> taken)
    {
        if (format == MatrixFormat.Csv) return MatrixFormats.ReadSheet(_text, taken, Knows).Then<Reading>(s => Of(format, s.Document with { Default = s.Default ?? Draft.Default }, s.Problems));
        return MatrixFormats.Read(_text, format).Then<Reading>(d => Of(format, d, []));
    }

    private Reading Of(MatrixFormat format, MatrixDocument document, IReadOnlyList<SheetProblem> problems)
        => new(format, document, problems, SheetPreview.Of(document.Boundaries, document.Rules, Who));

    private async Task ImportAsync()
    {
        if (_read is not { } read) return;
        Close();
        await OnImport.InvokeAsync(read.Document);
    }

    private async Task AppendAsync()
    {
        if (_read is not { } seen || Understand(seen.Format, Draft.Rules.Select(r => r.Id)) is not { Ok: true, Value: var read }) return;
        Close();
        await OnAppend.InvokeAsync(read.Document with { Default = Draft.Default });
    }

}

using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Worksheets;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Workshop.Ui;

/// <summary>A worksheet out as a file, and back in: what a file would change is shown before it is taken over.</summary>
public sealed partial class SheetFiles
{
    private const int Most = 200, Longest = 400;

    private readonly string _id = $"files-{Guid.NewGuid():N}";
    private bool _open, _replace, _busy;
    private int _round;   // a new file input each time, or the same file could not be chosen again
    private (byte[] Bytes, SheetFormat Format)? _file;
    private SheetImport? _import;
    private string? _fault;
    private (string, string) _of;

    [Parameter, EditorRequired] public string RolloutId { get; set; } = "";
    [Parameter, EditorRequired] public WorksheetSpec Spec { get; set; } = WorksheetSpecs.Canvas;
    [Parameter] public bool MayWrite { get; set; }
    /// <summary>So many changes were taken over.</summary>
    [Parameter] public EventCallback<int> OnTaken { get; set; }

    protected override void OnParametersSet()
    {
        if (_of == (RolloutId, Spec.Id)) return;
        _of = (RolloutId, Spec.Id);
        Close();   // what was read was meant for another worksheet
    }

    private void Open()
    {
        Close();
        _open = true;
    }

    private void Close()
    {
        (_open, _replace, _file, _import, _fault) = (false, false, null, null, null);
        _round++;
    }

    private async Task ChooseAsync(InputFileChangeEventArgs chosen)
    {
        (_file, _import, _fault) = (null, null, null);
        if (SheetFormats.OfFile(chosen.File.Name) is not { } format)
        {
            _fault = "Choose a file whose name ends in .csv or .md.";
            return;
        }
        if (chosen.File.Size > SheetFormats.MaxBytes)
        {
            _fault = $"The file is larger than {JsonBody.Size(SheetFormats.MaxBytes)}. Leave out what does not belong into a worksheet.";
            return;
        }
        var bytes = new MemoryStream();
        try
        {
            await using var stream = chosen.File.OpenReadStream(SheetFormats.MaxBytes);
            await stream.CopyToAsync(bytes);
        }
        catch (Exception e) when (e is IOException or Microsoft.JSInterop.JSException or OperationCanceledException)
        {
            _fault = "The file could not be read. Choose it again.";
            return;
        }
        _file = (bytes.ToArray(), format);
        await CompareAsync();
    }

    private Task ReplaceAsync(ChangeEventArgs e)
    {
        _replace = e.Value is true;
        return CompareAsync();
    }

    private async Task CompareAsync()
    {
        if (_file is not { } file) return;
        var (of, replace) = (_of, _replace);
        var me = await Me.RequireAsync();
        var import = me.Fault is { } gone ? gone : await Desk.PreviewAsync(me.Value, RolloutId, Spec.Id, file.Bytes, file.Format, replace, CancellationToken.None);
        if (of != _of || replace != _replace || _file?.Bytes != file.Bytes) return;
        (_import, _fault) = (import.Ok ? import.Value : null, import.Fault?.Message);
    }

    private async Task TakeAsync()
    {
        if (_busy || _import is not { } import) return;
        _busy = true;
        try
        {
            var of = _of;
            var me = await Me.RequireAsync();
            var taken = me.Fault is { } gone ? gone : await Desk.TakeAsync(me.Value, RolloutId, import);
            if (of != _of) return;
            _fault = taken.Fault?.Message;
            if (!taken.Ok) return;
            Close();
            await OnTaken.InvokeAsync(taken.Value.Count);
        }
        finally { _busy = false; }
    }

    private FieldSpec SpecOf(ImportedField field) => Spec.Field(FieldKey.Parse(field.Field)!.Value.Name)!;

    private static string Quoted(string text) => text.Trim().Length == 0 ? "" : $"“{Short(text.Trim())}”";

    private static string Short(string text) => VisibleText.Flatten(text.Length <= Longest ? text : text[..Longest] + "…");
}

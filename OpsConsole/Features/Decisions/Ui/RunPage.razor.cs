using Microsoft.AspNetCore.Components;

namespace OpsConsole.Features.Decisions.Ui;

/// <summary>The decisions of one run.</summary>
public sealed partial class RunPage : IDisposable
{
    private static readonly string[] Topics = ["log", "health"];
    private readonly CancellationTokenSource _gone = new();
    private IReadOnlyList<RunLine>? _lines;
    private string? _shown, _failure;

    [Parameter] public string Id { get; set; } = "";
    [Inject] private ILogger<RunPage> Log { get; set; } = default!;

    protected override Task OnParametersSetAsync()
    {
        if (_shown != Id) (_shown, _lines, _failure) = (Id, null, null);
        return LoadAsync();
    }

    private async Task LoadAsync()
    {
        var id = Id;
        try
        {
            var me = await Me.RequireAsync();
            var lines = me.Fault is null ? await Story.RunAsync(me.Value, id, _gone.Token) : null;
            if (id == Id) (_lines, _failure) = (lines, me.Fault?.Message);
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            LogFailed(Log, e);
            if (id == Id) _failure = _lines is null ? "This run cannot be read at the moment." : "This run cannot be brought up to date at the moment; what you see is older.";
        }
    }

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    [LoggerMessage(2401, LogLevel.Error, "The page of a run could not be read")]
    private static partial void LogFailed(ILogger logger, Exception e);
}

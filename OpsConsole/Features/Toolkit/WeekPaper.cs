using OpsConsole.Core.Access;
using OpsConsole.Core.Notices;
using OpsConsole.Core.Toolkit;

namespace OpsConsole.Features.Toolkit;

/// <summary>A weekly review as the file that goes with its e-mail: printed and put on record once for everybody who is sent the same.</summary>
public sealed class WeekPaper
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);   // with the sending less than a delivery is lent for
    private readonly ToolkitDesk _desk;
    private readonly Lock _gate = new();
    private (string Key, Task<MailFile?> File)? _last;

    internal WeekPaper(ToolkitDesk desk) => _desk = desk;

    /// <summary>Null where nothing can be printed here, or not in time: the mail goes without it.</summary>
    /// <param name="reader">Somebody who may see the rollout.</param>
    /// <param name="version">Of the review: what was written since is another file.</param>
    public Task<MailFile?> OfAsync(PersonEntry reader, string rolloutId, string week, long version)
    {
        var key = FormattableString.Invariant($"{rolloutId}/{week}/{version}");
        lock (_gate)
        {
            if (_last is { } last && last.Key == key && last.File is { IsCompleted: false } or { IsCompletedSuccessfully: true, Result: not null }) return last.File;   // what failed is tried anew
            var printing = PrintAsync(new PersonCaller(reader, null, "mail"), rolloutId, week);
            _last = (key, printing);
            return printing;
        }
    }

    private async Task<MailFile?> PrintAsync(PersonCaller reader, string rolloutId, string week)
    {
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            return await _desk.ExportWeekAsync(reader, rolloutId, week, Paper.A4, limit.Token, Actor.System) is { Ok: true, Value: var file } ? new MailFile(file.Name, "application/pdf", file.Content) : null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }
}

using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Shared;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Access;

/// <summary>Writes once a minute when credentials were last used. Not part of the record: it only helps to find what nobody uses.</summary>
internal sealed partial class CredentialUseWriter(CredentialUse use, DurableWriter writer, TimeProvider time, ILogger<CredentialUseWriter> log) : BackgroundService
{
    private bool _warm;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var minute = new PeriodicTimer(TimeSpan.FromMinutes(1), time);
        try
        {
            // The first round, with nothing to write yet, costs the writer some 140 ms of compiling (measured by bench `replay`): better before anybody asks than a minute later.
            await writer.Ready.WaitAsync(stoppingToken);
            do
            {
                try
                {
                    await FlushAsync();
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    LogFailed(e);
                }
            }
            while (await minute.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    /// <summary>Writes what was used since the last time. What cannot be written now is kept for the next minute.</summary>
    public async Task FlushAsync()
    {
        var (keys, tokens) = use.Take();
        if (keys.Count == 0 && tokens.Count == 0 && _warm) return;
        var written = await writer.ChangeAsync<Done>(async (scope, ct) =>
        {
            foreach (var key in await scope.Db.AgentKeys.Where(k => keys.Keys.Contains(k.Id)).ToListAsync(ct)) key.Used(keys[key.Id]);
            foreach (var token in await scope.Db.PersonalTokens.Where(t => tokens.Keys.Contains(t.Id)).ToListAsync(ct)) token.Used(tokens[token.Id]);
            return Done.Value;
        });
        if (written.Ok)
        {
            _warm = true;
            return;
        }
        foreach (var (id, at) in keys) use.Agent(id, at);
        foreach (var (id, at) in tokens) use.Person(id, at);
    }

    [LoggerMessage(2011, LogLevel.Warning, "When credentials were last used could not be written")]
    private partial void LogFailed(Exception e);
}

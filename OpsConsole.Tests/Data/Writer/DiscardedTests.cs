using OpsConsole.Data.Writer;

namespace OpsConsole.Tests.Data.Writer;

public sealed class DiscardedTests
{
    [Fact]
    public async Task All_FirstFails_TheOthersAreDisposedOfAllTheSame()
    {
        var (first, last) = (new Part(fails: true), new Part(fails: false));
        await Discarded.AllAsync(first, null, last);
        Assert.True(first.Gone && last.Gone);
    }

    private sealed class Part(bool fails) : IAsyncDisposable
    {
        public bool Gone { get; private set; }

        public ValueTask DisposeAsync()
        {
            Gone = true;
            return fails ? throw new InvalidOperationException("the line is gone") : ValueTask.CompletedTask;
        }
    }
}

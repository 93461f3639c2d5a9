using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using OpsConsole.Platform.Realtime;
using OpsConsole.Support;

namespace OpsConsole.Ui.Shared;

/// <summary>The shell's services around a component under test.</summary>
public abstract class ShellTestContext : BunitContext
{
    internal HandTime Time { get; } = new();
    internal Signals Signals { get; }
    internal ReaderClock Clock { get; }

    protected ShellTestContext()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Signals = new(Time, NullLogger<Signals>.Instance);
        Clock = new(Time);
        Services.AddSingleton<TimeProvider>(Time);
        Services.AddSingleton(Signals);
        Services.AddSingleton(Clock);
        Services.AddSingleton<KeyRegistry>();
        Services.AddSingleton<Toasts>();
    }
}

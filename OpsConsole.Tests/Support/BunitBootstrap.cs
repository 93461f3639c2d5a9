using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace OpsConsole.Support;

/// <summary>What bUnit needs before the first test.</summary>
internal static class BunitBootstrap
{
    [ModuleInitializer]
    internal static void Init()
    {
        // It asks for another version of AngleSharp.Diffing than there is; the one beside the tests does.
        AssemblyLoadContext.Default.Resolving += static (context, name) =>
            name.Name == "AngleSharp.Diffing"
                ? context.LoadFromAssemblyPath(Path.Combine(Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location)!, "AngleSharp.Diffing.dll"))
                : null;
        WaitAsLongAsABusyMachineNeeds();
    }

    // A second is not long where builds and browsers share two cores. Waiting ends when what is waited for is there.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void WaitAsLongAsABusyMachineNeeds() => Bunit.BunitContext.DefaultWaitTimeout = TimeSpan.FromSeconds(30);
}
